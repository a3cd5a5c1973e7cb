// The compiled training step of an experiment: a program for full batches and, where the
// images do not divide evenly, one for an epoch's last batch. Programs are plain data that
// need no device, so that `explain` can print and count them.

import type { RankPlace } from "../base/communicator.ts";
import { SmallBatchError } from "../base/errors.ts";
import { extraIn } from "../config/added_data.ts";
import { checkBatches } from "../config/check_batches.ts";
import type { Experiment } from "../config/experiment.ts";
import type { ImageShape } from "../data/dataset.ts";
import type { Batching, ExtraImages } from "../data/sampler.ts";
import type { Capabilities } from "../gpu/device.ts";
import type { Program } from "../gpu/program.ts";
import { Graph } from "../graph/graph.ts";
import { materialize } from "../nn/module.ts";
import {
  type BatchGraphs,
  BatchPrograms,
  batchSizes,
  traceBatches,
} from "./batch_programs.ts";
import { buildNetwork, buildTraining } from "./build.ts";
import { checkPrecision } from "./device_fit.ts";
import { type StepInputs, stepInputs, type StepParts } from "./step_inputs.ts";
import { TrainedNetwork } from "./trained_network.ts";
import { traceTrainingStep } from "./training_step.ts";

/** The device and the sizes of the data, on which programs depend. */
export interface StepSetting extends Capabilities {
  /** Images trained on, without those held out. */
  readonly count: number;
  readonly shape: ImageShape;
  /** Images without labels; none if left out. */
  readonly unlabeled?: number;
  /** Whether images are numbers in [0, 1]; bytes if left out. */
  readonly floats?: boolean;
  /** Whether each image has soft targets; not if left out. */
  readonly softTargets?: boolean;
  /** Extra images with labels; none if left out. */
  readonly extra?: number;
  /** The part of each batch that they are; 0 if left out. */
  readonly share?: number;
  /** The width of a teacher's features that were computed before; 0 if left out. */
  readonly teacherFeatures?: number;
  /** Which of several ranks the step is for; the only one if left out. */
  readonly ranks?: RankPlace | null;
}

/** A training step, compiled: its programs, and the variables that they work on. */
export interface CompiledStep extends StepInputs {
  /** The programs of a step, by batch size. */
  readonly programs: BatchPrograms;
  /** The programs of steps that also update a strategy; null where all steps are alike. */
  readonly update: UpdatePrograms | null;
  /** How the images are cut into batches. */
  readonly batching: Batching;
  /** Why the rest of the images is left out of every epoch; null where it is not. */
  readonly leftOut: string | null;
  /** Extra images in each batch; null for none. */
  readonly extra: ExtraImages | null;
}

/** The programs of every `interval`-th step, which trains the objective's strategy. */
export interface UpdatePrograms {
  readonly interval: number;
  readonly programs: BatchPrograms;
}

/** The program that needs the most of a device. */
export function largestProgram(
  { programs, update }: Pick<CompiledStep, "programs" | "update">,
): Program {
  return (update?.programs ?? programs).full;
}

/**
 * Builds the networks of an experiment and compiles its training step.
 *
 * @throws {UserError} if the images cannot be cut into its batches.
 */
export function compileTraining(
  experiment: Experiment,
  { classes, ...setting }: StepSetting & { readonly classes: number },
): CompiledStep {
  const { count, unlabeled = 0, extra = 0 } = setting;
  checkBatches(experiment, { count, unlabeled, extra });
  const { share = 0 } = experiment.data.extra ?? {};
  const method = buildTraining(experiment, { classes });
  const { student, teacher, averaging = null } = method;
  const average = averaging && buildNetwork(experiment.student, { classes });
  return compileStep({
    hyperparameters: experiment,
    method,
    student: new TrainedNetwork(materialize(student, "student")),
    teacher: teacher && new TrainedNetwork(materialize(teacher, "teacher")),
    average: average && new TrainedNetwork(materialize(average, "average")),
  }, { ...setting, share });
}

/** The images of a setting, its extra ones, and what it is compiled for. */
function partsOf(
  {
    count,
    shape,
    unlabeled = 0,
    floats = false,
    softTargets = false,
    ranks = null,
    extra = 0,
    share = 0,
    teacherFeatures: features = 0,
    ...target
  }: StepSetting,
) {
  const kinds = { floats, softTargets, features };
  const images = { count, shape, unlabeled, extra, ranks, ...kinds };
  return { images, extra, share, target };
}

/** Compiles the training step of materialized networks. */
export function compileStep(
  parts: StepParts,
  setting: StepSetting,
): CompiledStep {
  const { images, extra, share, target } = partsOf(setting);
  const { batchSize, recompute, precision } = parts.hyperparameters;
  checkPrecision(precision, target);
  const inputs = stepInputs(parts, images);
  const { interval = 1 } = inputs.method.objective.strategy ?? {};
  const { usual, updating, ...batches } = tracedSteps(inputs, {
    count: setting.count,
    batchSize,
    interval,
  });
  inputs.controls.seal();
  const compiled = (graphs: BatchGraphs) =>
    new BatchPrograms(graphs, {
      name: (size) => `training step of ${size} images`,
      recompute,
      ...target,
    });
  return {
    ...inputs,
    programs: compiled(usual),
    update: updating && { interval, programs: compiled(updating) },
    ...batches,
    extra: extra > 0
      ? { count: extra, of: (size) => extraIn(size, share) }
      : null,
  };
}

/**
 * Refuses a batch that is too small for its ranks. All of them decide alike, so that the
 * smallest share is traced, whoever has it.
 */
function checkShares(inputs: StepInputs, batch: number): void {
  if (inputs.ranks === null) return;
  const { size } = inputs.ranks;
  if (batch < size) {
    throw new SmallBatchError(
      `Cannot share a batch: expected at least an image for each of ${size} ` +
        `ranks but found ${batch}`,
    );
  }
  const smallest = { ...inputs, ranks: { rank: size - 1, size } };
  traceTrainingStep(new Graph(), smallest, { batch, isUpdateStep: true });
}

/** The graphs of a step, and how the images are cut into batches for them. */
interface TracedSteps extends Pick<CompiledStep, "batching" | "leftOut"> {
  readonly usual: BatchGraphs;
  readonly updating: BatchGraphs | null;
}

/**
 * Traces a step for every batch size. Some methods and networks take no batch of one
 * image: a rest of that size is then left out, where there are full batches.
 */
function tracedSteps(
  inputs: StepInputs,
  { interval, ...batching }: Batching & { readonly interval: number },
): TracedSteps {
  const traced = (sizes: readonly number[]) => {
    for (const size of sizes) checkShares(inputs, size);
    const graphs = (isUpdateStep: boolean) =>
      traceBatches(sizes, (graph, batch) => {
        traceTrainingStep(graph, inputs, { batch, isUpdateStep });
      });
    const usual = graphs(interval === 1);
    return { usual, updating: interval === 1 ? null : graphs(true) };
  };
  const [full, rest] = batchSizes(batching) as [number, number?];
  if (rest === undefined) {
    return { ...traced([full]), batching, leftOut: null };
  }
  try {
    return { ...traced([full, rest]), batching, leftOut: null };
  } catch (error) {
    if (!(error instanceof SmallBatchError)) throw error;
    const whole = { ...batching, dropLast: true };
    return { ...traced([full]), batching: whole, leftOut: error.message };
  }
}
