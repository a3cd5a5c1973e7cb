// Races this project against its peers on the adapter of this machine:
//
//   deno task bench:peers [--only W4,W5] [--against "jax-js webgpu,…"] [--turns 5]
//     [--turn 300] [--limit 300] [--driver "Mesa 25.0.7"] [--pytorch cuda]
//     [--calm 1]
//
// `--turn` is milliseconds per turn, `--limit` seconds for anything that a contender
// is asked for. `--pytorch` adds PyTorch on that device, by the python3 on the PATH.
// `--calm` waits before each workload until the load average is below that, where
// others use the machine. The results of a whole race are written to ../results as
// JSON, named after device and driver.

import { parseArgs } from "node:util";
import { figure, print } from "../table.ts";
import { WORKLOADS } from "../workloads.ts";
import { adapterText } from "./contender.ts";
import { type Entry, race } from "./race.ts";
import {
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
  },
});

const device = await adapterText();
const entries = chosen(allEntries(), options.against);
const workloads: WorkloadReport[] = [];
for (const { name, title } of WORKLOADS) {
  if (options.only && !options.only.split(",").includes(name)) continue;
  const before = await calm(Number(options.calm));
  const results = await race(name, entries, {
    turns: Number(options.turns),
    turn: Number(options.turn),
    limit: 1000 * Number(options.limit),
  });
  workloads.push({ name, title, load: [before, load()], results });
  const done = Object.entries(results).map(([contender, result]) =>
    `${contender} ${"wall" in result ? `${figure(result.wall)} ms` : "–"}`
  );
  print(`${name}  ${title}: ${done.join(", ")}`);
}
const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  deno: Deno.version.deno,
  platform: Deno.build.target,
  cores: navigator.hardwareConcurrency,
  device,
  driver: options.driver ?? await nvidiaDriver() ?? "not told",
  software: /llvmpipe|swiftshader|software/i.test(device),
  turns: Number(options.turns),
  workloads,
};
printReport(report);
// What is kept is complete.
if (!options.only && !options.against) await write(report);

function allEntries(): Entry[] {
  const deno = (script: string): string[] => [
    "deno",
    "run",
    "--quiet",
    "--allow-read=../..",
    "--allow-env",
    "--allow-sys",
    script,
  ];
  const entry = (
    name: string,
    script: string,
    ...options: string[]
  ): Entry => ({
    name,
    command: deno(script),
    options,
  });
  const entries = [
    entry(OURS, "ours.ts"),
    entry("jax-js webgpu", "jax.ts"),
    entry("tfjs webgpu", "tfjs.ts", "webgpu"),
    entry("tfjs wasm", "tfjs.ts", "wasm"),
    entry("onnxruntime webgpu", "onnx.ts", "webgpu"),
    entry("onnxruntime wasm", "onnx.ts", "wasm"),
  ];
  const { pytorch } = options;
  if (pytorch === undefined) return entries;
  const variants = {
    "pytorch": [],
    "pytorch compiled": ["--compile"],
    "pytorch tf32": ["--tf32"],
    "pytorch tf32 compiled": ["--tf32", "--compile"],
  };
  const others = Object.entries(variants).map(([name, flags]): Entry => ({
    name,
    command: ["python3", "pytorch.py", "--serve"],
    options: ["--device", pytorch, ...flags],
  }));
  return [...entries, ...others];
}

/** Ours and those named; all where none is. */
function chosen(entries: Entry[], against: string | undefined): Entry[] {
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
