// Normalizations within an image, without statistics of a batch: over its channels
// (Ba et al., 2016), and over groups of them and all pixels (Wu & He, 2018). They are
// written in operations that exist; statistics are in f32 in any precision.

import type { Operand } from "../../graph/graph.ts";
import { formatType, sizeOf, type Tensor } from "../../graph/tensor.ts";
import { cast, castLike } from "../cast.ts";
import {
  add,
  addScalar,
  divide,
  multiply,
  sqrt,
  square,
  subtract,
} from "../pointwise.ts";
import { mean } from "../reduce/reduce.ts";
import { reshape } from "../reshape.ts";

/** What follows a normalization. */
export interface LayerNormOptions {
  /** The scale of each channel, (C). */
  readonly weight: Operand;
  /** The shift of each channel, (C). */
  readonly bias: Operand;
  /** Added to the variance; 1e-5 if left out. */
  readonly epsilon?: number;
}

/** The same, and how many groups there are. */
export interface GroupNormOptions extends LayerNormOptions {
  /** Groups of neighboring channels, which have to be equally large. */
  readonly groups: number;
}

/** x normalized by means over some of its axes. */
function standardized(
  x: Tensor,
  { epsilon, meanOf }: {
    readonly epsilon: number;
    readonly meanOf: (x: Tensor) => Tensor;
  },
): Tensor {
  const centered = subtract(x, meanOf(x));
  const variance = meanOf(square(centered));
  return divide(centered, sqrt(addScalar(variance, epsilon)));
}

/** weight (x - mean) / sqrt(variance + epsilon) + bias over the last axis of x (…, C). */
export function layerNorm(
  x: Tensor,
  { weight, bias, epsilon = 1e-5 }: LayerNormOptions,
): Tensor {
  const start = x.shape.length - 1;
  const meanOf = (x: Tensor) => mean(x, { start, keep: true });
  const y = standardized(cast(x, "f32"), { epsilon, meanOf });
  return castLike(add(multiply(y, weight), bias), x);
}

/**
 * The same for x (N, …, C) over all axes between and the channels of a group.
 *
 * @throws {TypeError} if groups of equal size do not make up the channels.
 */
export function groupNorm(
  x: Tensor,
  { groups, weight, bias, epsilon = 1e-5 }: GroupNormOptions,
): Tensor {
  const [N, ...rest] = x.shape as [number, ...number[]];
  const channels = rest.at(-1) ?? 0;
  if (!(Number.isInteger(groups) && groups > 0) || channels % groups !== 0) {
    throw new TypeError(
      `Cannot normalize ${formatType(x)}: expected groups that divide its ` +
        `${channels} channels but found ${groups}`,
    );
  }
  const grouped = [N, sizeOf(rest.slice(0, -1)), groups, channels / groups];
  const meanOf = (x: Tensor) =>
    mean(mean(x, { start: 1, end: 2, keep: true }), { start: 3, keep: true });
  const y = standardized(reshape(cast(x, "f32"), grouped), { epsilon, meanOf });
  return castLike(add(multiply(reshape(y, x.shape), weight), bias), x);
}
