// The work and memory of a run, known before it starts: its training step is compiled to
// plain data and counted, without a device.

import type { RankPlace } from "../base/communicator.ts";
import { UserError } from "../base/errors.ts";
import { stepsPerEpoch } from "../data/sampler.ts";
import { unlabeledCount } from "../data/drop_labels.ts";
import type { DatasetExtent } from "../data/dataset_kind.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Capabilities } from "../gpu/device.ts";
import { costOf } from "../graph/cost.ts";
import { countParameters } from "../nn/module.ts";
import type { BatchPrograms } from "../step/batch_programs.ts";
import {
  type CompiledStep,
  compileTraining,
  largestProgram,
} from "../step/compiled_step.ts";

/** The work of a run. */
export interface RunEstimate {
  readonly step: CompiledStep;
  /** Images trained on, without those held out. */
  readonly images: number;
  readonly stepsPerEpoch: number;
  /** Floating-point operations of all steps of an epoch; evaluations are extra. */
  readonly flopsPerEpoch: number;
  /** Bytes on the device while training. */
  readonly bytes: number;
  /** Trainable values. */
  readonly parameters: {
    readonly student: number;
    readonly teacher: number | null;
  };
  /** What to know before, a sentence or two each. */
  readonly notes: readonly string[];
}

/**
 * Compiles an experiment's training and counts its work.
 *
 * @throws {UserError} if no image is left to train on.
 */
export function estimateRun(
  experiment: Experiment,
  { extent: { shape, classes, train, added }, target, ranks = null }: {
    readonly extent: DatasetExtent;
    readonly target: Capabilities;
    /** One of several ranks, whose own work is counted; null for one process. */
    readonly ranks?: RankPlace | null;
  },
): RunEstimate {
  const { fraction = 0 } = experiment.unlabeled ?? {};
  const kept = keptOf(experiment, train);
  const dropped = unlabeledCount(kept, fraction);
  const count = kept - dropped;
  const step = compileTraining(experiment, {
    count,
    unlabeled: dropped || (added?.unlabeled ?? 0),
    extra: added?.extra ?? 0,
    teacherFeatures: added?.features ?? 0,
    shape,
    classes,
    ranks,
    ...target,
  });
  const cost = costOf(largestProgram(step));
  const steps = stepsPerEpoch(step.batching);
  return {
    step,
    images: count,
    stepsPerEpoch: steps,
    flopsPerEpoch: flopsOf(step, steps),
    bytes: cost.scratchBytes + cost.variableBytes,
    parameters: parametersOf(step),
    notes: restNotes(step),
  };
}

/** The training images that are not held out. */
function keptOf(
  { evaluation: { validation } }: Pick<Experiment, "evaluation">,
  train: number,
): number {
  if (train > validation) return train - validation;
  throw new UserError(
    `Cannot hold out images: expected evaluation.validation to be less ` +
      `than the ${train} training images but found ${validation}`,
  );
}

function parametersOf(
  { student, teacher }: CompiledStep,
): RunEstimate["parameters"] {
  return {
    student: countParameters(student.module),
    teacher: teacher && countParameters(teacher.module),
  };
}

/** That a rest of the images is left out of every epoch, and why. */
function restNotes(
  { leftOut, batching: { count, batchSize } }: CompiledStep,
): string[] {
  if (leftOut === null) return [];
  const rest = count % batchSize;
  return [
    `Each epoch leaves out its last batch, of ${rest} image` +
    `${rest === 1 ? "" : "s"}, another one every time. ${leftOut}`,
  ];
}

/** Operations of an epoch, on average where some steps do more than others. */
function flopsOf({ programs, update }: CompiledStep, steps: number): number {
  const flops = ({ full, rest }: BatchPrograms) =>
    rest
      ? (steps - 1) * costOf(full).flops + costOf(rest).flops
      : steps * costOf(full).flops;
  if (!update) return flops(programs);
  const share = 1 / update.interval;
  return (1 - share) * flops(programs) + share * flops(update.programs);
}
