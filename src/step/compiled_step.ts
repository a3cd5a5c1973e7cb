// The programs of an experiment's training: one for full batches and, where the
// images do not divide evenly, one for an epoch's last batch. Plain data, made
// without a device, so that `explain` can print and count them.

import { UserError } from "../base/errors.ts";
import { buildTraining } from "./build.ts";
import { Controls } from "./controls.ts";
import type { ImageShape } from "../data/dataset.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Capabilities } from "../gpu/device.ts";
import type { Program } from "../gpu/program.ts";
import { compile } from "../graph/compile.ts";
import { Graph } from "../graph/graph.ts";
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

/** The parts of a training step and the programs over them. */
export interface TrainingPrograms extends StepParts {
  readonly batch: Program;
  /** For an epoch's last, smaller batch; null where there is none. */
  readonly rest: Program | null;
  /** For the steps that the objective's interval is between; null where all are. */
  readonly due: DuePrograms | null;
}

/** The programs of every `interval`-th step. */
export interface DuePrograms {
  readonly interval: number;
  readonly batch: Program;
  readonly rest: Program | null;
}

/** The program that asks most of a device: a full batch in a step that does most. */
export function fullestProgram(
  { batch, due }: Pick<TrainingPrograms, "batch" | "due">,
): Program {
  return due?.batch ?? batch;
}

/** Builds the networks of an experiment and compiles its training step. */
export function compileTraining(
  experiment: Experiment,
  { classes, ...setting }: TrainingSetting & { readonly classes: number },
): TrainingPrograms {
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
): TrainingPrograms {
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
  const sizes = [Math.min(batchSize, count)];
  if (count > batchSize && count % batchSize > 0) sizes.push(count % batchSize);
  const { interval = 1 } = trained.objective;
  const traced = (due: boolean) =>
    sizes.map((batch) => {
      const graph = new Graph();
      traceTrainingStep(graph, parts, { batch, due });
      return graph;
    });
  const all = {
    usual: traced(interval === 1),
    due: interval === 1 ? [] : traced(true),
  };
  parts.controls.seal();
  const compiled = (graphs: readonly Graph[]) => {
    const [batch, rest] = graphs.map((graph, i) =>
      compile(graph, {
        name: `training step of ${sizes[i]} images`,
        recompute,
        ...target,
      })
    );
    return { batch: batch!, rest: rest ?? null };
  };
  const due = interval === 1 ? null : { interval, ...compiled(all.due) };
  return { ...parts, ...compiled(all.usual), due };
}

/** What a step needs of images without labels. */
function unlabeledPart(
  trained: TrainingParts,
  { images, shape }: { readonly images: number; readonly shape: ImageShape },
): NonNullable<StepParts["unlabeled"]> {
  const { objective, batchSize } = trained.unlabeled!;
  if (images < batchSize) {
    throw new UserError(
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
