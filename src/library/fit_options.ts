// The options of training in memory, and their defaults. Experiments have no defaults:
// they state every number.

import type { Attack } from "../methods/attack.ts";
import type { OptimizerConfig } from "../config/optimizer.ts";
import type { Network } from "../nn/network.ts";
import type { Objective } from "../methods/objective.ts";
import type { Stateful } from "../methods/stateful.ts";
import type { Hyperparameters } from "../config/hyperparameters.ts";
import type { RunningMeans } from "../trainer/events.ts";
import type { Method } from "../step/method.ts";

/** How to train. `experiments.buildTraining` returns one of these. */
export interface FitOptions {
  /** The loss to minimize, and the surrogate that the attack maximizes. */
  readonly objective: Objective | Stateful<Objective>;
  /** Finds the adversarial images that the objective looks at, if it does. */
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
  /** The standard network that a regularizer looks at, trained beside this one. */
  readonly teacher?: Network | null;
  /** The file of the teacher's values; it starts from random ones if left out. */
  readonly pretrained?: {
    /** A file of weights or the folder of a run. */
    readonly from: string;
    /** Whether it stays as it is, instead of learning on. */
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
        | { readonly images: Uint8Array | Uint8ClampedArray }
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
  /** Crops from an image padded with this many zeros, and mirroring; or neither. */
  readonly augmentation?: { readonly padding: number; readonly flip: boolean };
  /** Compute the insides of residual blocks twice instead of keeping them. */
  readonly recompute?: boolean;
  /**
   * How to keep activations and their gradients; "f32" if left out. "f16" takes half
   * the memory, on devices that have `shader-f16`.
   */
  readonly precision?: "f32" | "f16";
  /** Decides order, augmentation and attacks; the classifier's if left out. */
  readonly seed?: number;
  /** Called after every epoch, counted from 1, with the means over it. */
  readonly onEpoch?: (means: RunningMeans, epoch: number) => void;
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
    optimizer: options.optimizer ?? OPTIMIZER,
    recompute: options.recompute ?? false,
    precision: options.precision ?? "f32",
  };
}
