// The numbers of a training run, whatever is trained. An `Experiment` is one, with
// more beside them.

import type { OptimizerConfig } from "../config/experiment.ts";

/** Numbers that a training step and its order of images depend on. */
export interface Hyperparameters {
  /** The source of all randomness: 0 to 4,294,967,295. */
  readonly seed: number;
  /** Times that every training image is visited. */
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** Random crops from an image padded with this many zeros, and mirroring. */
  readonly augmentation: { readonly padding: number; readonly flip: boolean };
  /** Stochastic gradient descent, for student and teacher alike. */
  readonly optimizer: OptimizerConfig;
  /** Whether to compute the insides of residual blocks twice instead of keeping them. */
  readonly recompute: boolean;
  /** How activations and their gradients are kept. */
  readonly precision: "f32" | "f16";
}
