// The programs of an experiment's training: one for full batches and, where the
// images do not divide evenly, one for an epoch's last batch. Plain data, made
// without a device, so that `explain` can print and count them.

import { buildTraining } from "./build.ts";
import {
  type BatchGraphs,
  BatchPrograms,
  batchSizes,
  traceBatches,
} from "./batch_programs.ts";
import { Controls } from "./controls.ts";
import type { ImageShape } from "../data/dataset.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Capabilities } from "../gpu/device.ts";
import type { Program } from "../gpu/program.ts";
import { materialize } from "../nn/module.ts";
import { keptState } from "./kept_state.ts";
import type { MethodSetting } from "../methods/method_state.ts";
import { checkPrecision } from "./device_fit.ts";
import { ResidentSplit } from "./resident_split.ts";
import { RunningSums } from "./running_sums.ts";
import { TrainedNetwork } from "./trained_network.ts";
import {
  type StepParts,
  traceTrainingStep,
  type TrainingParts,
} from "./training_step.ts";

/** What the programs depend on beside the parts of training. */
export interface TrainingSetting extends Capabilities {
  /** Images trained on, without those held out. */
  readonly count: number;
  readonly shape: ImageShape;
  /** Images without labels; none if left out. */
  readonly unlabeled?: number;
}

/** A training step, compiled: what it was traced from, and its programs. */
export interface CompiledStep extends StepParts {
  /** The programs of a step, by batch size. */
  readonly programs: BatchPrograms;
  /** Those of every `interval`-th step; null where all steps are alike. */
  readonly update: UpdatePrograms | null;
}

/** The programs of steps that update more than the others. */
export interface UpdatePrograms {
  /** Steps from one of these to the next. */
  readonly interval: number;
  readonly programs: BatchPrograms;
}

/** The program that needs the most of a device. */
export function largestProgram(
  { programs, update }: Pick<CompiledStep, "programs" | "update">,
): Program {
  return (update?.programs ?? programs).full;
}

/** Builds the networks of an experiment and compiles its training step. */
export function compileTraining(
  experiment: Experiment,
  { classes, ...setting }: TrainingSetting & { readonly classes: number },
): CompiledStep {
  const { student, teacher, ...method } = buildTraining(experiment, {
    classes,
  });
  return compileParts({
    ...method,
    settings: experiment,
    student: new TrainedNetwork(materialize(student, "student")),
    teacher: teacher && new TrainedNetwork(materialize(teacher, "teacher")),
  }, setting);
}

/** Compiles the training step of networks that are placed already. */
export function compileParts(
  trained: TrainingParts,
  { count, shape, unlabeled = 0, ...target }: TrainingSetting,
): CompiledStep {
  const { batchSize, recompute, precision } = trained.settings;
  checkPrecision(precision, target);
  const parts: StepParts = {
    ...trained,
    kept: keptState(trained.objective, settingOf(trained, count)),
    data: new ResidentSplit("training", { count, shape }),
    controls: new Controls(),
    sums: new RunningSums(),
    unlabeled: trained.unlabeled
      ? unlabeledPart(trained, { images: unlabeled, shape })
      : null,
  };
  const { interval = 1 } = trained.objective;
  const traced = (due: boolean) =>
    traceBatches(batchSizes({ count, batchSize }), (graph, batch) => {
      traceTrainingStep(graph, parts, { batch, due });
    });
  const usual = traced(interval === 1);
  const updating = interval === 1 ? null : traced(true);
  parts.controls.seal();
  const compiled = (graphs: BatchGraphs) =>
    new BatchPrograms(graphs, {
      name: (size) => `training step of ${size} images`,
      recompute,
      ...target,
    });
  return {
    ...parts,
    programs: compiled(usual),
    update: updating && { interval, programs: compiled(updating) },
  };
}

/** What a step needs of images without labels. */
function unlabeledPart(
  trained: TrainingParts,
  { images, shape }: { readonly images: number; readonly shape: ImageShape },
): NonNullable<StepParts["unlabeled"]> {
  const { objective, batchSize } = trained.unlabeled!;
  if (images < batchSize) {
    throw new RangeError(
      `Cannot train: expected at least ${batchSize} images without labels, ` +
        `which are a batch, but found ${images}`,
    );
  }
  const setting = { ...settingOf(trained, images), batchSize };
  return {
    objective,
    batchSize,
    kept: keptState(objective, setting, "unlabeled."),
    data: new ResidentSplit("unlabeled", { count: images, shape }),
  };
}

/** What the sizes of the method's state depend on. */
function settingOf(
  { student, teacher, settings }: TrainingParts,
  images: number,
): MethodSetting {
  const { classes, featureSize } = student.placed.module;
  return {
    classes,
    images,
    batchSize: Math.min(settings.batchSize, images),
    featureSize: {
      student: featureSize,
      teacher: teacher && teacher.placed.module.featureSize,
    },
  };
}
