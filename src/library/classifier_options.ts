// What a classifier is made of, and what its methods may be told.

import type { Tensor } from "../graph/tensor.ts";
import type { Network } from "../nn/network.ts";

/** What a `Classifier` is made of. */
export interface ClassifierOptions {
  /** One of `nn`, or the caller's own. A network belongs to one classifier. */
  readonly network: Network;
  /** Pixels from top to bottom of an image. */
  readonly height: number;
  /** Pixels from left to right. */
  readonly width: number;
  /** Numbers of a pixel, such as 1 for grey; 3 if left out. */
  readonly channels?: number;
  /** Decides starting values and the random numbers of attacks; 0 if left out. */
  readonly seed?: number;
  /** Images that are classified or attacked at once; 128 if left out. */
  readonly batchSize?: number;
}

/** What to maximize in an attack. */
export interface AttackOptions {
  /**
   * Logits (N, classes) and class indices u32 (N) to one number per image, (N);
   * cross-entropy if left out.
   */
  readonly surrogate?: (logits: Tensor, labels: Tensor) => Tensor;
}
