// Normalization in front of a network that was trained on normalized images. Together they
// take images in [0, 1] like any other network, so that attacks need no normalization.

import type { Tensor } from "../graph/tensor.ts";
import { Variable } from "../graph/tensor.ts";
import { cast, castLike } from "../ops/cast.ts";
import { divide, subtract } from "../ops/pointwise.ts";
import type { Mode } from "./layers.ts";
import { Network, type Output } from "./network.ts";

/** The mean and deviation of a data set's channels: red, green, blue in [0, 1]. */
export interface Normalization {
  /** The mean of each channel, which is subtracted. */
  readonly mean: readonly number[];
  /** The standard deviation of each channel, which divides it; never 0. */
  readonly std: readonly number[];
}

/** network((x - mean) / std). Its parameters are those of `network`. */
export class Normalized extends Network {
  readonly classes: number;
  readonly featureSize: number;
  /** (3); set to the mean by the owner of the network's state. */
  readonly mean: Variable = new Variable("mean", [3]);
  /** (3); set to the deviation likewise. */
  readonly std: Variable = new Variable("std", [3]);
  readonly #network: Network;

  /** @param network The network that takes normalized images, materialized on its own. */
  constructor(network: Network) {
    super();
    this.classes = network.classes;
    this.featureSize = network.featureSize;
    this.#network = network;
  }

  override call(x: Tensor, mode: Mode): Output {
    const centered = subtract(cast(x, "f32"), this.mean);
    const normalized = castLike(divide(centered, this.std), x);
    return this.#network.call(normalized, mode);
  }
}
