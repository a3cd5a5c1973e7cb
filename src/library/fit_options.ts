// The options of training in memory, and their defaults. Experiments have no defaults:
// they state every number.

import type { Attack } from "../methods/attack.ts";
import type { Materialized } from "../nn/module.ts";
import type { OptimizerConfig } from "../config/optimizer.ts";
import type { Network } from "../nn/network.ts";
import type { Objective } from "../methods/objective.ts";
import type { Stateful } from "../methods/stateful.ts";
import type { ImageShape, Split } from "../data/dataset.ts";
import type { LabeledImages, TrainingSplit } from "../data/float_images.ts";
import type { Hyperparameters } from "../config/hyperparameters.ts";
import type { RunningMeans } from "../trainer/events.ts";
import type { Method } from "../step/method.ts";

/** How to train. `experiments.buildTraining` returns one of these. */
export interface FitOptions {
  /** The loss to minimize, and the surrogate that the attack maximizes. */
  readonly objective: Objective | Stateful<Objective>;
  /** Finds the adversarial images, for objectives that use some. */
  readonly attack?: Attack | null;
  /** Batch norm's mode while the attack runs; "eval" if left out. */
  readonly attackMode?: "eval" | "train";
  /**
   * Adversarial weight perturbation: train on the loss of weights moved by `gamma` of
   * their norm, from an epoch on; not if left out.
   */
  readonly weightPerturbation?: {
    readonly gamma: number;
    readonly fromEpoch: number;
  } | null;
  /** The standard network that a regularizer uses, trained beside this one. */
  readonly teacher?: Network | null;
  /** The file of the teacher's values; it starts from random ones if left out. */
  readonly pretrained?: {
    /** A file of weights or the folder of a run. */
    readonly from: string;
    /** Whether it is not trained further. */
    readonly frozen: boolean;
    /** Batch norm's mode in it. */
    readonly mode: "eval" | "train";
  } | null;
  /**
   * Learning from images without labels, beside the labeled ones: from a fraction of the
   * training images, whose labels are dropped, or from other images. The objective must
   * not use labels, as `objectives.labelFree` does not.
   */
  readonly unlabeled?:
    | {
      /** The loss to minimize on them, and the surrogate of their attack. */
      readonly objective: Objective | Stateful<Objective>;
      /** Such images per step. */
      readonly batchSize: number;
    }
      & (
        | { readonly fraction: number }
        | { readonly images: LabeledImages["images"] }
      )
    | null;
  /** Times that every training image is visited. */
  readonly epochs: number;
  /** Images per step; 128 if left out. */
  readonly batchSize?: number;
  /**
   * Stochastic gradient descent and its learning rate. If left out: momentum 0.9,
   * weight decay 5e-4, and a rate that falls from 0.1 to 0 along a cosine.
   */
  readonly optimizer?: OptimizerConfig;
  /**
   * Crops from an image padded with this many zeros, mirroring, and a square of zeros of
   * this side (Cutout); or none of them.
   */
  readonly augmentation?: {
    readonly padding: number;
    readonly flip: boolean;
    readonly cutout?: number;
  };
  /**
   * The part of a target's weight that cross-entropies of the terms spread evenly over
   * all classes, as PyTorch's `label_smoothing`; 0 if left out. The attack keeps the target.
   */
  readonly labelSmoothing?: number;
  /** Compute the insides of residual blocks twice instead of keeping them. */
  readonly recompute?: boolean;
  /**
   * How to keep activations and their gradients; "f32" if left out. "f16" takes half
   * the memory, on devices that have `shader-f16`.
   */
  readonly precision?: "f32" | "f16";
  /** Decides order, augmentation and attacks; the classifier's if left out. */
  readonly seed?: number;
  /** What to measure after every epoch, on images that are not trained on. */
  readonly validation?: {
    readonly examples: LabeledImages | Split;
    /** Finds adversarial images, if robustness is to be measured too. */
    readonly attack?: Attack | null;
  } | null;
  /** Called after every epoch, counted from 1, with what was measured in it; awaited. */
  readonly onEpoch?: (
    means: RunningMeans & {
      /** Fractions classified as labeled; null where nothing is validated. */
      readonly validation: {
        /** Of the images as they are. */
        readonly accuracy: number;
        /** Of the adversarial images; null without an attack. */
        readonly robustAccuracy: number | null;
      } | null;
    },
    epoch: number,
  ) => unknown;
  /**
   * Called after every step, counted from 1 over all epochs, with the means over the
   * epoch so far; awaited. The host then waits for every step.
   */
  readonly onStep?: (means: RunningMeans, step: number) => unknown;
  /**
   * Ends the training after a step; the network keeps what it has learned, and `fit`
   * rejects with the signal's reason. The host then waits for every step.
   */
  readonly signal?: AbortSignal;
  /**
   * A file for the state of the training, written after every epoch and when `signal`
   * ends it. If it is there already, `fit` goes on from it, and ends with the same
   * values as if it had never stopped. It has to be of this training: of the same images
   * and numbers, and objective and attack of the same names. `Classifier.load` takes the
   * network from it.
   */
  readonly checkpoint?: string;
  /**
   * Whether to go on where a loss is not finite. If left out, `fit` rejects with a
   * `UserError`, and the network keeps the values from before.
   */
  readonly keepGoing?: boolean;
}

const OPTIMIZER: OptimizerConfig = {
  momentum: 0.9,
  nesterov: false,
  weightDecay: 5e-4,
  learningRate: { kind: "cosine", initial: 0.1 },
};

/** The method, with the defaults filled in. */
export function methodOf(options: FitOptions): Method {
  const { objective, attack = null, attackMode = "eval" } = options;
  const { weightPerturbation = null, pretrained = null } = options;
  const { unlabeled = null } = options;
  return {
    objective,
    attack,
    attackMode,
    weightPerturbation,
    pretrained,
    unlabeled,
  };
}

/** The numbers of training, with the defaults filled in. */
export function hyperparametersOf(
  options: FitOptions,
  seed: number,
): Hyperparameters {
  return {
    seed: options.seed ?? seed,
    epochs: options.epochs,
    batchSize: options.batchSize ?? 128,
    augmentation: options.augmentation ?? { padding: 0, flip: false },
    ...options.labelSmoothing !== undefined &&
      { labelSmoothing: options.labelSmoothing },
    optimizer: options.optimizer ?? OPTIMIZER,
    recompute: options.recompute ?? false,
    precision: options.precision ?? "f32",
  };
}

/** What to train, on what, and how. */
export interface FitRequest {
  readonly materialized: Materialized<Network>;
  readonly split: TrainingSplit;
  readonly shape: ImageShape;
  readonly seed: number;
  readonly options: FitOptions;
}
