// What training steps cost, beside their time: arithmetic, memory, and how long the
// host is busy with each, which is time that it cannot do anything else in.

import type { Device } from "../src/gpu/device.ts";
import { costOf } from "../src/graph/cost.ts";
import type { Experiment } from "../src/config/experiment.ts";
import type { BoundWorkload } from "./bound_workload.ts";
import { medianOf, type Stopwatch } from "../src/gpu/stopwatch.ts";
import { bindTraining } from "./network_workloads.ts";
import { randomSplit } from "./paper_workloads.ts";

/** Binds an experiment's step, on random images. */
export function bindRandomTraining(
  device: Device,
  experiment: Experiment,
): Promise<BoundWorkload> {
  return bindTraining(device, experiment, randomSplit(experiment.batchSize));
}

/** What one step of training costs. */
export interface StepCost {
  /** Seconds from a step to the next: the median. */
  readonly seconds: number;
  /**
   * Seconds in which the host encodes and submits a step for an idle device: the
   * shortest seen, since it shares the processor with whatever else runs.
   */
  readonly hostSeconds: number;
  /** Floating-point operations. */
  readonly flops: number;
  /** On the device. */
  readonly bytes: number;
}

/** Steps that are submitted between two waits, as training does. */
const WAIT = 10;

/** Times steps, after one that does not count. */
export async function timeTraining(
  bound: BoundWorkload,
  { watch, steps }: { readonly watch: Stopwatch; readonly steps: number },
): Promise<StepCost> {
  const { plan, flops } = bound;
  await watch.time(() => plan.run(), 1);
  const seconds: number[] = [];
  for (let done = 0; done < steps; done += WAIT) {
    const runs = Math.min(WAIT, steps - done);
    seconds.push((await watch.time(() => plan.run(), runs)).wall / 1000);
  }
  const { scratchBytes, variableBytes } = costOf(plan.program);
  return {
    seconds: medianOf(seconds),
    hostSeconds: await hostSeconds(bound),
    flops,
    bytes: scratchBytes + variableBytes,
  };
}

/** Seconds that the host takes to submit a step. */
export async function hostSeconds(
  { plan }: BoundWorkload,
  repeats = 3,
): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    await plan.device.finished();
    const start = performance.now();
    plan.run();
    times.push((performance.now() - start) / 1000);
  }
  await plan.device.finished();
  return Math.min(...times);
}
