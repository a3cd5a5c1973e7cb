// How long the paper's training takes here: whole steps, extrapolated to epochs of
// CIFAR-10 and set beside the seconds that the paper reports.
//
//   deno task bench:paper [--steps 50] [--only "R18 AT,WRN TRADES"]
//     [--batch 128] [--depth 34] [--width 10]
//
// The race against PyTorch on the same steps is `deno task bench:peers --paper`.

import { parseArgs } from "node:util";
import { Device } from "../src/gpu/device.ts";
import { costOf } from "../src/graph/cost.ts";
import { measureCeiling } from "./ceiling.ts";
import { medianOf, Stopwatch } from "../src/gpu/stopwatch.ts";
import {
  bindPaperStep,
  epochSeconds,
  PAPER_STEPS,
  type PaperStep,
  reportedSeconds,
  sizeFrom,
  titleOf,
} from "./paper_workloads.ts";
import { loadText, share } from "./suite.ts";
import { figure, print, tableText } from "./table.ts";

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    steps: { type: "string", default: "50" },
    only: { type: "string" },
    batch: { type: "string" },
    depth: { type: "string" },
    width: { type: "string" },
  },
});

/** Steps between two waits, as in training. */
const WAIT = 10;

const size = sizeFrom(options);
const steps = Number(options.steps);
using device = await Device.open();
const watch = await Stopwatch.for(device);
const { gflops: peak } = await measureCeiling(device, watch);
const { description } = device.adapter;
print(`${description}, Deno ${Deno.version.deno}, ${loadText()}`);
print(
  `batch ${size.batch}, WRN-${size.depth}-${size.width}, ${steps} steps, peak ${
    figure(peak)
  } GFLOP/s\n`,
);
const rows: string[][] = [];
for (const step of PAPER_STEPS) {
  if (options.only && !options.only.split(",").includes(step.name)) continue;
  rows.push(await timeStep(step));
  print(`${titleOf(step, size)}: ${rows.at(-1)![1]} s per step`);
}
const head = ["", "s per step", "images/s", "GFLOP/s", "of peak", "GiB"];
print(`\n${tableText([...head, "s per epoch", "paper"], rows)}`);

/** Times one step; a row of the table. */
async function timeStep(step: PaperStep): Promise<string[]> {
  using bound = await bindPaperStep(device, step, size);
  await watch.time(() => bound.plan.run(), 1);
  const times: number[] = [];
  for (let done = 0; done < steps; done += WAIT) {
    const runs = Math.min(WAIT, steps - done);
    times.push((await watch.time(() => bound.plan.run(), runs)).wall);
  }
  const seconds = medianOf(times) / 1000;
  const { scratchBytes, variableBytes } = costOf(bound.plan.program);
  const rate = bound.flops / seconds / 1e9;
  return [
    titleOf(step, size),
    figure(seconds),
    figure(size.batch / seconds),
    figure(rate),
    share(rate, peak),
    figure((scratchBytes + variableBytes) / 2 ** 30),
    figure(epochSeconds(seconds, size)),
    String(reportedSeconds(step, size) ?? "–"),
  ];
}
