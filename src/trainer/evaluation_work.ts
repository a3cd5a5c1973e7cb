// What the evaluations of a run take: after every few epochs on the held-out images,
// and at the end of the last and the best networks on the test images.

import { stepsPerEpoch } from "../data/sampler.ts";
import type { DatasetExtent } from "../data/dataset_kind.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Target } from "../gpu/device.ts";
import { compile } from "../graph/compile.ts";
import { costOf } from "../graph/cost.ts";
import type { Network } from "../nn/network.ts";
import { Controls } from "../step/controls.ts";
import { traceEvaluation } from "../evaluation/accuracy.ts";
import { ResidentSplit } from "../step/resident_split.ts";
import { RunningSums } from "../step/running_sums.ts";
import type { CompiledStep } from "../step/compiled_step.ts";

/** Floating-point operations of all evaluations of a run. */
export function evaluationFlops(
  experiment: Experiment,
  { programs, extent, target }: {
    readonly programs: Pick<CompiledStep, "student" | "teacher">;
    readonly extent: DatasetExtent;
    readonly target: Target;
  },
): number {
  const { epochs, evaluation: { validation, every } } = experiment;
  const perImage = (network: Network): number =>
    flopsPerImage(network, { experiment, extent, target });
  const times = stepsPerEpoch({ count: epochs, batchSize: every });
  const { student, teacher } = programs;
  const tests = 2 * extent.test;
  return perImage(student.placed.module) * (times * validation + tests) +
    (teacher ? perImage(teacher.placed.module) * tests : 0);
}

/** Operations per image of all of the evaluation's attacks and of clean images. */
function flopsPerImage(
  network: Network,
  { experiment: { evaluation, seed }, extent: { shape }, target }: {
    readonly experiment: Experiment;
    readonly extent: DatasetExtent;
    readonly target: Target;
  },
): number {
  const batch = evaluation.batchSize;
  const data = new ResidentSplit("evaluation", { count: batch, shape });
  const attacks = Object.entries({ clean: null, ...evaluation.attacks });
  const flops = attacks.map(([name, attack]) => {
    const controls = new Controls();
    const sums = new RunningSums();
    const graph = traceEvaluation({
      ...{ network, data, name, attack, controls, sums, batch, seed },
    });
    controls.seal();
    return costOf(compile(graph, { name, ...target })).flops;
  });
  return flops.reduce((sum, one) => sum + one, 0) / batch;
}
