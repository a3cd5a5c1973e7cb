// Normalization in front of a network that was trained on normalized images. Together they
// take images in [0, 1] like any other network, so that attacks need no normalization.

import type { Tensor } from "../graph/tensor.ts";
import { Variable } from "../graph/tensor.ts";
import type { Operand } from "../graph/graph.ts";
import { cast, castLike } from "../ops/cast.ts";
import type { RandomKey } from "../ops/random/random.ts";
import { divide, subtract } from "../ops/pointwise.ts";
import { type Field, list, number, object } from "../base/fields.ts";
import { values } from "./initializers.ts";
import type { Mode } from "./layers.ts";
import { Buffer } from "./module.ts";
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
    return this.#network.call(normalized(x, this), mode);
  }
}

/**
 * The same for training: the mean and the deviation are buffers, which checkpoints hold
 * beside the weights of `model`.
 */
export class NormalizedModel extends Network {
  readonly classes: number;
  readonly featureSize: number;
  /** (3). */
  readonly mean: Buffer;
  /** (3). */
  readonly std: Buffer;
  /** What sees normalized images. */
  readonly model: Network;

  constructor(model: Network, { mean, std }: Normalization) {
    super();
    this.classes = model.classes;
    this.featureSize = model.featureSize;
    this.mean = new Buffer("mean", [3], values(mean));
    this.std = new Buffer("std", [3], values(std));
    this.model = model;
  }

  override call(x: Tensor, mode: Mode, random?: RandomKey): Output {
    return this.model.call(normalized(x, this), mode, random);
  }
}

function normalized(
  x: Tensor,
  { mean, std }: { readonly mean: Operand; readonly std: Operand },
): Tensor {
  const centered = subtract(cast(x, "f32"), mean);
  return castLike(divide(centered, std), x);
}

/** The field of a {@linkcode Normalization}. */
export const NORMALIZATION: Field = object<Normalization>({
  mean: list(number(), { least: 3, about: "of red, green and blue" }),
  std: list(number({ above: 0 }), {
    least: 3,
    about: "deviations of red, green and blue",
  }),
}, {
  check: ({ mean, std }: Normalization) =>
    mean.length === 3 && std.length === 3 ? null : {
      path: mean.length === 3 ? "std" : "mean",
      expected: "three numbers",
      found: String((mean.length === 3 ? std : mean).length),
    },
});
