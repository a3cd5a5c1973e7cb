// A network as training, attacks and evaluation use it.

import type { Tensor } from "../graph/tensor.ts";
import type { Mode } from "./layers.ts";
import { Module } from "./module.ts";

/** A classifier's output for a batch. */
export interface Output {
  /** Scores before the softmax: (N, classes). */
  readonly logits: Tensor;
  /** The inputs of the linear head, the "penultimate" features: (N, featureSize). */
  readonly features: Tensor;
}

/** An image classifier: images (N, H, W, 3) in [0, 1] to an {@linkcode Output}. */
export abstract class Network extends Module {
  /** Number of logits. */
  abstract readonly classes: number;
  /** Length of the feature vectors. */
  abstract readonly featureSize: number;

  /** Traces a forward pass in the given mode. */
  abstract call(x: Tensor, mode: Mode): Output;
}
