// What training steps cost, beside their time: arithmetic, memory, and how long the
// host is busy with each, which is time that it cannot do anything else in.

import type { Device } from "../src/gpu/device.ts";
import { costOf } from "../src/graph/cost.ts";
import type { Experiment } from "../src/config/experiment.ts";
import type { BoundWorkload } from "./bound_workload.ts";
import { type Cost, type Stopwatch, timingOf } from "../src/gpu/stopwatch.ts";
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
  /** Seconds from a step to the next: the median of the turns. */
  readonly seconds: number;
  /** Seconds of this process on all cores, divided by their number: the median. */
  readonly processorSeconds: number;
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

/**
 * Times several trainings in turns of some steps each, after one step that does not
 * count, so that a slow minute of the machine hits all of them.
 */
export async function timeTrainings(
  trainings: readonly BoundWorkload[],
  { watch, turns, steps }: {
    readonly watch: Stopwatch;
    readonly turns: number;
    readonly steps: number;
  },
): Promise<StepCost[]> {
  const costs = trainings.map((): Cost[] => []);
  for (const { plan } of trainings) await watch.time(() => plan.run(), 1);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, { plan }] of trainings.entries()) {
      costs[i]!.push(await watch.time(() => plan.run(), steps));
    }
  }
  const results: StepCost[] = [];
  for (const [i, bound] of trainings.entries()) {
    const { wall, processor } = timingOf(costs[i]!);
    const { scratchBytes, variableBytes } = costOf(bound.plan.program);
    results.push({
      seconds: wall / 1000,
      processorSeconds: processor / 1000,
      hostSeconds: await hostSeconds(bound),
      flops: bound.flops,
      bytes: scratchBytes + variableBytes,
    });
  }
  return results;
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
