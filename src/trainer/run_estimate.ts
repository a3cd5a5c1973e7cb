// The work and memory of a run, known before it starts: its training step is compiled to
// plain data and counted, without a device.

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
}

/**
 * Compiles an experiment's training and counts its work.
 *
 * @throws {UserError} if no image is left to train on.
 */
export function estimateRun(
  experiment: Experiment,
  { extent: { shape, classes, train }, target }: {
    readonly extent: DatasetExtent;
    readonly target: Capabilities;
  },
): RunEstimate {
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
  const step = compileTraining(experiment, {
    count,
    unlabeled,
    shape,
    classes,
    ...target,
  });
  const { student, teacher } = step;
  const cost = costOf(largestProgram(step));
  const steps = stepsPerEpoch({ count, batchSize });
  return {
    step,
    images: count,
    stepsPerEpoch: steps,
    flopsPerEpoch: flopsOf(step, steps),
    bytes: cost.scratchBytes + cost.variableBytes,
    parameters: {
      student: countParameters(student.module),
      teacher: teacher && countParameters(teacher.module),
    },
  };
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
