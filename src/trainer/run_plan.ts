// What a run will take, known before it starts: its programs are compiled to plain
// data and counted, without a device.

import { UserError } from "../base/errors.ts";
import { stepsPerEpoch } from "../data/sampler.ts";
import { unlabeledCount } from "../data/drop_labels.ts";
import type { DatasetExtent } from "../data/dataset_kind.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Capabilities } from "../gpu/device.ts";
import { costOf } from "../graph/cost.ts";
import { countParameters } from "../nn/module.ts";
import {
  type CompiledStep,
  compileTraining,
  fullestProgram,
  type StepPrograms,
} from "../step/compiled_step.ts";

/** The work of a run. */
export interface RunPlan {
  readonly programs: CompiledStep;
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
}

/** Where and on what a run would be. */
export interface RunSetting {
  readonly extent: DatasetExtent;
  readonly target: Capabilities;
}

/**
 * Compiles an experiment's training and counts its work.
 *
 * @throws {UserError} if no image is left to train on.
 */
export function planRun(
  experiment: Experiment,
  { extent: { shape, classes, train }, target }: RunSetting,
): RunPlan {
  const { batchSize, evaluation } = experiment;
  const { fraction = 0 } = experiment.unlabeled ?? {};
  const kept = train - evaluation.validation;
  if (kept < 1) {
    throw new UserError(
      `Cannot hold out images: expected evaluation.validation to be less ` +
        `than the ${train} training images but found ${evaluation.validation}`,
    );
  }
  const unlabeled = unlabeledCount(kept, fraction);
  const count = kept - unlabeled;
  const programs = compileTraining(experiment, {
    count,
    unlabeled,
    shape,
    classes,
    ...target,
  });
  const { student, teacher } = programs;
  const cost = costOf(fullestProgram(programs));
  const steps = stepsPerEpoch({ count, batchSize });
  return {
    programs,
    images: count,
    stepsPerEpoch: steps,
    flopsPerEpoch: flopsOf(programs, steps),
    bytes: cost.scratchBytes + cost.variableBytes,
    parameters: {
      student: countParameters(student.placed.module),
      teacher: teacher && countParameters(teacher.placed.module),
    },
  };
}

/** Operations of an epoch, on average where some steps do more than others. */
function flopsOf(programs: CompiledStep, steps: number): number {
  const flops = ({ batch, rest }: StepPrograms) =>
    rest
      ? (steps - 1) * costOf(batch).flops + costOf(rest).flops
      : steps * costOf(batch).flops;
  const { update } = programs;
  if (!update) return flops(programs);
  const share = 1 / update.interval;
  return (1 - share) * flops(programs) + share * flops(update);
}
