// The work of a run's evaluations: every few epochs on the held-out images, and at the
// end on the test images, of the last and the best networks.

import { hasOwnClasses } from "../config/pretrained.ts";
import { stepsPerEpoch } from "../data/sampler.ts";
import type { DatasetExtent } from "../data/dataset_kind.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Target } from "../gpu/device.ts";
import { compile } from "../graph/compile.ts";
import { costOf } from "../graph/cost.ts";
import { Graph } from "../graph/graph.ts";
import type { Network } from "../nn/network.ts";
import { traceAccuracy } from "../evaluation/accuracy.ts";
import { ResidentBatches } from "../step/batch_source.ts";
import { ResidentSplit } from "../step/resident_split.ts";
import { RunningSums } from "../step/running_sums.ts";
import type { CompiledStep } from "../step/compiled_step.ts";

/** Floating-point operations of all evaluations of a run. */
export function evaluationFlops(
  experiment: Experiment,
  { step, extent, target }: {
    readonly step: Pick<CompiledStep, "student" | "teacher">;
    readonly extent: DatasetExtent;
    readonly target: Target;
  },
): number {
  const { epochs, evaluation } = experiment;
  const { every, selection, curve = 0 } = evaluation;
  const images = selection === "test"
    ? extent.test
    : evaluation.validation + Math.min(curve, extent.test);
  const perImage = (network: Network): number =>
    flopsPerImage(network, { experiment, extent, target });
  const times = stepsPerEpoch({ count: epochs, batchSize: every });
  const { student, teacher } = step;
  const averages = experiment.averaging ? 2 : 1;
  const tests = 2 * extent.test;
  const teachers = teacher && !hasOwnClasses(experiment.teacher?.pretrained)
    ? perImage(teacher.module) * tests
    : 0;
  return averages * perImage(student.module) * (times * images + tests) +
    teachers;
}

/** Operations per image of all of the evaluation's attacks and of clean images. */
function flopsPerImage(
  network: Network,
  { target, ...evaluated }: EvaluatedBatch & { readonly target: Target },
): number {
  const flops = evaluationGraphs(network, evaluated).map(([name, graph]) =>
    costOf(compile(graph, { name, ...target })).flops
  );
  const size = evaluated.experiment.evaluation.batchSize;
  return flops.reduce((sum, one) => sum + one, 0) / size;
}

/** The evaluation of an experiment, and the images that it is for. */
interface EvaluatedBatch {
  readonly experiment: Experiment;
  readonly extent: DatasetExtent;
}

/** The evaluation of a batch by each attack and of clean images, traced. */
export function evaluationGraphs(
  network: Network,
  { experiment: { evaluation, seed }, extent: { shape } }: EvaluatedBatch,
): (readonly [name: string, graph: Graph])[] {
  const size = evaluation.batchSize;
  const data = new ResidentSplit("evaluation", { count: size, shape });
  const source = new ResidentBatches(data, { batchSize: size });
  const attacks = Object.entries({ clean: null, ...evaluation.attacks });
  return attacks.map(([name, attack]) => {
    const graph = new Graph();
    const sums = new RunningSums();
    traceAccuracy(graph, { network, source, size, attack, seed, sums, name });
    return [name, graph];
  });
}
