// The loss scale: the factor of losses before differentiation through activations in half
// precision (Micikevicius et al., "Mixed precision training", 2018).
//
// Numbers below 6e-8 vanish in f16, and those below 6e-5 lose digits. A loss is the
// mean over N images and pooling the mean over P pixels, so that what comes back to
// the last activation is a logit's gradient over N P = 128 · 64: without a scale, all
// examples that are learned (gradients below 1e-3) would vanish from the gradient.
// 1,024 gives most of that back, and leaves more than a factor of a thousand up to
// 65,504 for attacks, whose surrogate is a sum over the images, and for relation
// losses. An overflow shows as a loss that is NaN. The scale is a power of two, so
// that multiplying by it and dividing again is exact.

import type { Precision, Tensor } from "../graph/tensor.ts";
import { mulScalar } from "../ops/pointwise.ts";

/** The factor of losses, for activations of a precision. */
export function lossScaleOf(precision: Precision): number {
  return precision === "f16" ? 1024 : 1;
}

/** A loss or surrogate, multiplied by the scale; itself in `f32`. */
export function scaledLoss(loss: Tensor, precision: Precision): Tensor {
  return precision === "f32" ? loss : mulScalar(loss, lossScaleOf(precision));
}
