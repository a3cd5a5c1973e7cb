// The losses of the literature. Each returns one number per example, (N,): how these are
// combined (summed in an attack, averaged in training, weighted) is part of a method's
// equation.

import type { Operand } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { oneHot } from "../ops/loss/gather_class.ts";
import { addScalar, mulScalar, square, subtract } from "../ops/pointwise.ts";
import { mean } from "../ops/reduce/reduce.ts";
import { checkSameLogits } from "../ops/loss/rows.ts";

export { crossEntropy } from "../ops/loss/cross_entropy.ts";
export {
  klDivergence,
  type KlDivergenceOperands,
} from "../ops/loss/kl_divergence.ts";
export { margin } from "../ops/loss/margin.ts";

/**
 * Targets with a part of their weight spread evenly over all classes, such as
 * `CrossEntropyLoss(label_smoothing=)` of PyTorch compares with:
 *
 *     (1 - smoothing) target[n, k] + smoothing / classes
 *
 * @param targets Classes, u32 (N), each below `classes`; or probabilities, (N, classes).
 * @returns Probabilities (N, classes).
 */
export function smoothedTargets(
  targets: Tensor,
  { classes, smoothing }: {
    readonly classes: number;
    readonly smoothing: number;
  },
): Tensor {
  const sharp = targets.dtype === "u32" ? oneHot(targets, classes) : targets;
  return addScalar(mulScalar(sharp, 1 - smoothing), smoothing / classes);
}

/**
 * Mean squared error of each example, at least 0: (1 / C) Σ_c (a[n, c] - b[n, c])².
 * Both have a gradient.
 *
 * @param a Logits (N, C).
 * @param b Logits (N, C).
 * @returns One error per example, (N).
 * @throws {TypeError} if their shapes differ: no broadcasting here, which would
 * turn a forgotten axis into another loss.
 */
export function meanSquaredError(a: Operand, b: Operand): Tensor {
  checkSameLogits("take the mean squared error", [a, b]);
  return mean(square(subtract(a, b)), { start: 1 });
}
