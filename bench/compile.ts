// What the kernels of a recipe's training step cost to compile, one after the other: the
// time that processors work until a kernel has run for the first time, less that of its
// second run. Software adapters compile a kernel when it is first run, others when the
// pipeline is made; both count. The driver's own cache must be off (the task does that).
//
//   deno task bench:compile [RECIPE] [--write]

import process from "node:process";
import { parseArgs } from "node:util";
import { Device } from "../src/gpu/device.ts";
import type { Plan } from "../src/gpu/plan.ts";
import { kernelsOf } from "./used_kernels.ts";
import { recipe } from "../src/recipes/mod.ts";
import { loadText } from "./suite.ts";
import { figure, print, tableText } from "./table.ts";
import { bindRandomTraining } from "./timed_training.ts";

/** What a kernel costs to compile. */
interface CompiledKernel {
  readonly name: string;
  /** Characters of WGSL, as specialized. */
  readonly characters: number;
  /** Launches in a step. */
  readonly launches: number;
  /** Seconds of processor time. */
  readonly seconds: number;
}

const { values: { write }, positionals: [name = "shapes/frpat"] } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false } },
});

using device = await Device.open();
const before = processorSeconds();
using bound = await bindRandomTraining(device, recipe(name));
const front = processorSeconds() - before;
const kernels = await measure(bound.plan);
const total = front + kernels.reduce((sum, { seconds }) => sum + seconds, 0);
print(tableText(["kernel", "characters", "launches", "s"], [
  ...kernels.map(({ name, characters, launches, seconds }) => [
    name,
    String(characters),
    String(launches),
    figure(seconds),
  ]),
  ["graph, WGSL and pipelines", "", "", figure(front)],
]));
print(
  `\n${name} on ${device.adapter.description}, ${loadText()}:\n` +
    `${kernels.length} kernels, ${figure(total)} s of processor time`,
);
if (write) print(`written to ${await writeAccount()}`);

/** Compiles every kernel by running it where a step does first; the slowest first. */
async function measure(plan: Plan): Promise<CompiledKernel[]> {
  const launches: ((pass: GPUComputePassEncoder) => void)[] = [];
  plan.forEach((_, encode) => launches.push(encode));
  const compiled: CompiledKernel[] = [];
  for (const { name, code, first, count } of kernelsOf(plan.program)) {
    const [cold, warm] = [
      await secondsOf(launches[first]!),
      await secondsOf(launches[first]!),
    ];
    compiled.push({
      name,
      characters: code.length,
      launches: count,
      seconds: Math.max(0, cold - warm),
    });
  }
  return compiled.sort((a, b) => b.seconds - a.seconds);
}

/** The processor time of one launch. */
async function secondsOf(
  encode: (pass: GPUComputePassEncoder) => void,
): Promise<number> {
  const start = processorSeconds();
  const encoder = device.gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  encode(pass);
  pass.end();
  device.submit(encoder);
  await device.finished();
  return processorSeconds() - start;
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Writes the account beside those of other devices, and returns where. */
async function writeAccount(): Promise<string> {
  const label = device.adapter.description.toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-").replace(/^-|-$/g, "");
  const path = `results/${label}-compile.json`;
  const account = {
    date: new Date().toISOString(),
    deno: Deno.version.deno,
    device: device.adapter.description,
    recipe: name,
    seconds: total,
    front,
    kernels,
  };
  await Deno.writeTextFile(
    new URL(path, import.meta.url),
    `${JSON.stringify(account, null, 1)}\n`,
  );
  return `bench/${path}`;
}
