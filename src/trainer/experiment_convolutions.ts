// The convolutions of an experiment: those of its training step, in which the attack is,
// and of its evaluations. An epoch's last batch has the same shapes with fewer images.

import type { Experiment } from "../config/experiment.ts";
import type { DatasetExtent } from "../data/dataset_kind.ts";
import type { Target } from "../gpu/device.ts";
import { stepsPerEpoch } from "../data/sampler.ts";
import {
  type CountedConvolution,
  graphConvolutions,
  mergeConvolutions,
} from "../ops/conv/graph_convolutions.ts";
import type { CompiledStep } from "../step/compiled_step.ts";
import { evaluationGraphs } from "./evaluation_flops.ts";

/** The convolutions of an experiment, each with how often a run computes it, roughly. */
export function experimentConvolutions(
  experiment: Experiment,
  { step, extent, target }: {
    readonly step: CompiledStep;
    readonly extent: DatasetExtent;
    readonly target: Target;
  },
): CountedConvolution[] {
  const { epochs, evaluation: { batchSize } } = experiment;
  const { programs, update, student, teacher, batching } = step;
  const steps = epochs * stepsPerEpoch(batching);
  const times = (count: number) => (one: CountedConvolution) => ({
    ...one,
    count: one.count * count,
  });
  const training = [programs, ...update ? [update.programs] : []]
    .map(({ graphs }) => [...graphs.values()][0]!)
    .flatMap((graph) => graphConvolutions(graph, target))
    .map(times(steps));
  // Of the test images once; what is held out is measured more often, and smaller.
  const batches = Math.ceil(extent.test / batchSize);
  const evaluation = [student, ...teacher ? [teacher] : []]
    .flatMap(({ module }) => evaluationGraphs(module, { experiment, extent }))
    .flatMap(([, graph]) => graphConvolutions(graph, target))
    .map(times(batches));
  return mergeConvolutions([...training, ...evaluation]);
}
