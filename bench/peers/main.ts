// Races this project against its peers on the adapter of this machine:
//
//   deno task bench:peers [--only W4,W5] [--against "jax-js webgpu,…"] [--turns 5]
//     [--turn 300] [--limit 300] [--driver "Mesa 25.0.7"] [--pytorch cuda]
//     [--calm 1] [--paper] [--steps 50] [--batch 128] [--depth 34] [--width 10]
//
// `--turn` is milliseconds per turn, `--limit` seconds for anything that a contender
// is asked for. PyTorch, by the python3 on the PATH, takes part where it has CUDA, or
// on the device that `--pytorch` names. On a GPU, or with `--paper`, the paper's
// training steps follow, at least `--steps` of each, for those who can train: us and
// PyTorch. `--batch`, `--depth` and `--width` make them smaller. `--calm` waits before each workload until the load average is below that, where
// others use the machine. The results of a whole race are written to ../results as
// JSON, named after device and driver.

import { parseArgs } from "node:util";
import { PAPER_STEPS, sizeFrom, titleOf } from "../paper_workloads.ts";
import { figure, print } from "../table.ts";
import { WORKLOADS } from "../workloads.ts";
import { adapterText } from "./contender.ts";
import { type Entry, race, type Result } from "./race.ts";
import {
  epochTable,
  firstTable,
  OURS,
  ratioTable,
  remarks,
  type Report,
  type WorkloadReport,
} from "./report.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    only: { type: "string" },
    against: { type: "string" },
    turns: { type: "string", default: "5" },
    turn: { type: "string", default: "300" },
    limit: { type: "string", default: "300" },
    driver: { type: "string" },
    pytorch: { type: "string" },
    calm: { type: "string", default: "Infinity" },
    paper: { type: "boolean", default: false },
    steps: { type: "string", default: "50" },
    batch: { type: "string" },
    depth: { type: "string" },
    width: { type: "string" },
  },
});

const device = await adapterText();
const software = /llvmpipe|swiftshader|software/i.test(device);
const size = sizeFrom(options);
const pytorch = options.pytorch ?? (await hasCuda() ? "cuda" : null);
const turns = Number(options.turns);
const trainers = [ours(), ...pytorchEntries()];
const workloads: WorkloadReport[] = [];
for (const { name, title } of WORKLOADS) {
  await add({ name, title }, [...trainers, ...otherEntries()]);
}
for (const step of software && !options.paper ? [] : PAPER_STEPS) {
  const leastRuns = Math.ceil(Number(options.steps) / turns);
  const title = titleOf(step, size);
  await add({ name: step.name, title }, trainers, { leastRuns, alone: true });
}
const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  deno: Deno.version.deno,
  platform: Deno.build.target,
  cores: navigator.hardwareConcurrency,
  device,
  driver: options.driver ?? await nvidiaDriver() ?? "not told",
  software,
  turns,
  size,
  workloads,
};
printReport(report);
// What is kept is complete.
if (!options.only && !options.against) await write(report);

/** Races a workload, if it is asked for, and keeps the results. */
async function add(
  { name, title }: { readonly name: string; readonly title: string },
  all: readonly Entry[],
  { leastRuns = 1, alone = false }: {
    readonly leastRuns?: number;
    /** Whether the device's memory has room for one contender at a time only. */
    readonly alone?: boolean;
  } = {},
): Promise<void> {
  if (options.only && !options.only.split(",").includes(name)) return;
  const entries = chosen(all, options.against);
  const before = await calm(Number(options.calm));
  const [turn, limit] = [Number(options.turn), 1000 * Number(options.limit)];
  const results: Record<string, Result> = {};
  for (const group of alone ? entries.map((entry) => [entry]) : [entries]) {
    const raced = await race(name, group, { turns, turn, limit, leastRuns });
    Object.assign(results, raced);
  }
  workloads.push({ name, title, load: [before, load()], results });
  const done = Object.entries(results).map(([contender, result]) =>
    `${contender} ${"wall" in result ? `${figure(result.wall)} ms` : "–"}`
  );
  print(`${name}  ${title}: ${done.join(", ")}`);
}

function denoEntry(name: string, script: string, ...options: string[]): Entry {
  const permissions = ["--allow-read=../..", "--allow-env", "--allow-sys"];
  const command = ["deno", "run", "--quiet", ...permissions, script];
  return { name, command, options };
}

/** How large the paper's steps are, for a contender's command line. */
function sizeArguments(): string[] {
  return Object.entries(size).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
}

function ours(): Entry {
  return denoEntry(OURS, "ours.ts", ...sizeArguments());
}

/** Libraries that compute kernels, or train with what they have. */
function otherEntries(): Entry[] {
  return [
    denoEntry("jax-js webgpu", "jax.ts"),
    denoEntry("tfjs webgpu", "tfjs.ts", "webgpu"),
    denoEntry("tfjs wasm", "tfjs.ts", "wasm"),
    denoEntry("onnxruntime webgpu", "onnx.ts", "webgpu"),
    denoEntry("onnxruntime wasm", "onnx.ts", "wasm"),
  ];
}

/** PyTorch in its variants, where it takes part. */
function pytorchEntries(): Entry[] {
  if (pytorch === null) return [];
  // A processor has no TF32, and compiling for it takes minutes.
  const variants = pytorch === "cpu" ? { "pytorch": [] } : {
    "pytorch": [],
    "pytorch compiled": ["--compile"],
    "pytorch tf32": ["--tf32"],
    "pytorch tf32 compiled": ["--tf32", "--compile"],
  };
  return Object.entries(variants).map(([name, flags]): Entry => ({
    name,
    command: ["python3", "pytorch.py", "--serve"],
    options: ["--device", pytorch, ...sizeArguments(), ...flags],
  }));
}

/** Whether the python3 on the PATH has PyTorch with a CUDA device. */
async function hasCuda(): Promise<boolean> {
  const question = "import torch, sys; sys.exit(not torch.cuda.is_available())";
  try {
    const { success } = await new Deno.Command("python3", {
      args: ["-c", question],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false; // There is no python3.
  }
}

/** Ours and those named; all where none is. */
function chosen(
  entries: readonly Entry[],
  against: string | undefined,
): readonly Entry[] {
  if (against === undefined) return entries;
  const names = against.split(",");
  return entries.filter(({ name }) => name === OURS || names.includes(name));
}

/** Waits until the load average is below `most`, and returns it. */
async function calm(most: number): Promise<number> {
  while (load() >= most) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return load();
}

function load(): number {
  return Deno.loadavg()[0]!;
}

/** The version of NVIDIA's driver, where there is one. */
async function nvidiaDriver(): Promise<string | null> {
  try {
    const text = await Deno.readTextFile("/proc/driver/nvidia/version");
    return /Kernel Module\D*([\d.]+)/.exec(text)?.[0].trim() ?? null;
  } catch {
    return null;
  }
}

function printReport(report: Report): void {
  const { device, driver, deno, workloads } = report;
  const loads = workloads.flatMap(({ load }) => load).map(figure);
  print(`\n${device}, driver ${driver}, Deno ${deno}`);
  print(`load average before and after each: ${loads.join(", ")}\n`);
  print(ratioTable(report));
  if (report.software) print(`\n${ratioTable(report, "processor")}`);
  print(`\n${firstTable(report)}`);
  const epochs = epochTable(report);
  if (epochs) print(`\n${epochs}`);
  for (const remark of remarks(report)) print(remark);
}

async function write(report: Report): Promise<void> {
  const name = `${report.device} ${report.driver}`.toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-").replace(/^-|-$/g, "");
  const path = new URL(`../results/${name}-peers.json`, import.meta.url);
  await Deno.mkdir(new URL(".", path), { recursive: true });
  await Deno.writeTextFile(path, `${JSON.stringify(report, null, 2)}\n`);
  print(`\nwritten to bench/results/${name}-peers.json`);
}
