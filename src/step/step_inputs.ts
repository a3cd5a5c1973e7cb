// Everything that a training step is traced from: numbers, functions, and the variables
// that the step reads and changes on a device.

import type { RankPlace } from "../base/communicator.ts";
import { UserError } from "../base/errors.ts";
import type { ImageShape } from "../data/dataset.ts";
import type { Objective } from "../methods/objective.ts";
import { created, type MethodSetting } from "../methods/stateful.ts";
import type { Module } from "../nn/module.ts";
import { Controls } from "./controls.ts";
import type { Hyperparameters } from "../config/hyperparameters.ts";
import type { Method, UnlabeledMethod } from "./method.ts";
import { trainedModules } from "./method_modules.ts";
import { ResidentSplit } from "./resident_split.ts";
import { RunningSums } from "./running_sums.ts";
import type { TrainedNetwork } from "./trained_network.ts";

/** Hyperparameters, a method, and materialized networks. */
export interface StepParts {
  readonly hyperparameters: Hyperparameters;
  readonly method: Method;
  readonly student: TrainedNetwork;
  /** The standard network, trained by cross-entropy on clean images. */
  readonly teacher: TrainedNetwork | null;
  /** The average of the student's weights, where the method has one. */
  readonly average?: TrainedNetwork | null;
  /** Whether to count the values of adversarial images outside of [0, 1]. */
  readonly countsOutside?: boolean;
}

/** The inputs of a traced step. */
export interface StepInputs extends StepParts {
  /** With the objectives' modules created. */
  readonly method: Method<Objective>;
  /** Modules that the method keeps, under their names in checkpoints. */
  readonly modules: readonly TrainedNetwork<Module>[];
  /** The images to train on. */
  readonly data: ResidentSplit;
  /** Images without labels; null where the method uses none. */
  readonly unlabeledData: ResidentSplit | null;
  readonly controls: Controls;
  readonly sums: RunningSums;
  /** Which of several ranks traces the step; null where it is the only one. */
  readonly ranks: RankPlace | null;
}

/** How many images there are, and of which shape. */
export interface StepImages {
  /** Images trained on, without those held out. */
  readonly count: number;
  readonly shape: ImageShape;
  /** Images without labels. */
  readonly unlabeled: number;
  /** Whether images are numbers in [0, 1]; bytes if left out. */
  readonly floats?: boolean;
  /** Whether each image has soft targets; not if left out. */
  readonly softTargets?: boolean;
  /** Extra images with labels, in the data behind the others; none if left out. */
  readonly extra?: number;
  /** The width of a teacher's features that are there for each image; 0 if left out. */
  readonly features?: number;
  /** Which of several ranks trains on them; the only one if left out. */
  readonly ranks?: RankPlace | null;
}

/** Creates the method's modules and the other variables of a step. */
export function stepInputs(
  parts: StepParts,
  images: StepImages,
): StepInputs {
  const { method } = parts;
  const { shape, floats = false, extra = 0, features = 0 } = images;
  const count = images.count + extra;
  const setting = settingOf(parts, { images: count, features });
  const objective = created(method.objective, setting);
  const unlabeled = unlabeledMethod(parts, images);
  const modules = [
    ...trainedModules(objective),
    ...unlabeled ? trainedModules(unlabeled.objective, "unlabeled.") : [],
  ];
  return {
    ...parts,
    method: { ...method, objective, unlabeled },
    modules,
    data: new ResidentSplit("training", {
      count,
      places: images.count,
      shape,
      floats,
      features,
      targets: images.softTargets ? classesOf(parts) : 0,
    }),
    unlabeledData: unlabeled
      ? new ResidentSplit("unlabeled", {
        count: images.unlabeled,
        shape,
        floats,
        features,
      })
      : null,
    controls: new Controls(),
    sums: new RunningSums(),
    ranks: images.ranks ?? null,
  };
}

function classesOf({ student }: StepParts): number {
  return student.materialized.module.classes;
}

/** The training on images without labels, with its modules created. */
function unlabeledMethod(
  parts: StepParts,
  { unlabeled: images, features = 0 }: StepImages,
): UnlabeledMethod<Objective> | null {
  const { unlabeled } = parts.method;
  if (!unlabeled) return null;
  const { batchSize } = unlabeled;
  if (images < batchSize) {
    throw new UserError(
      `Cannot train: expected at least ${batchSize} images without labels, ` +
        `which are a batch, but found ${images}`,
    );
  }
  const setting = { ...settingOf(parts, { images, features }), batchSize };
  return { batchSize, objective: created(unlabeled.objective, setting) };
}

/** The facts that sizes of a method's modules depend on. */
function settingOf(
  { student, teacher, hyperparameters }: StepParts,
  { images, features }: { readonly images: number; readonly features: number },
): MethodSetting {
  const { classes, featureSize } = student.module;
  return {
    classes,
    images,
    batchSize: Math.min(hyperparameters.batchSize, images),
    featureSize: {
      student: featureSize,
      teacher: features || (teacher && teacher.module.featureSize),
    },
  };
}
