// A network as training, attacks and evaluation use it.

import type { Tensor } from "../graph/tensor.ts";
import type { RandomKey } from "../ops/random/random.ts";
import type { Mode } from "./layers.ts";
import { Module } from "./module.ts";

/** A classifier's output for a batch. */
export interface Output {
  /** Scores before the softmax: (N, classes). */
  readonly logits: Tensor;
  /** The inputs of the linear head, the "penultimate" features: (N, featureSize). */
  readonly features: Tensor;
}

/** An image classifier: images (N, H, W, C) in [0, 1] to an {@linkcode Output}. */
export abstract class Network extends Module {
  /** Number of logits. */
  abstract readonly classes: number;
  /** Length of the feature vectors. */
  abstract readonly featureSize: number;

  /**
   * Traces a forward pass in the given mode. Training also gives the address of random
   * numbers, for layers that draw some.
   */
  abstract call(x: Tensor, mode: Mode, random?: RandomKey): Output;
}
