// Cross-entropy of logits with labels, per example, and its derivative. The
// derivative starts again from the logits instead of from the loss, so that an
// attack, which only needs the derivative, does not compute the loss at all.
//
// Both stay exact where the network is sure: the loss is log(1 + rest) with a rest
// that is kept apart from the 1, and the true class' derivative is minus the sum
// of the others', never p - 1.

import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import { f32, type Tensor } from "../../graph/tensor.ts";
import { multiply, negate } from "../pointwise.ts";
import { sum } from "../reduce/reduce.ts";
import { byRow, checkLabels, checkLogits, checkSameLogits } from "./rows.ts";
import { logSoftmax } from "./softmax.ts";

/** loss[n] = log Σₖ exp(logits[n, k]) - logits[n, labels[n]]. */
export const crossEntropyOp: Op = {
  name: "cross_entropy",

  infer([logits, labels]) {
    checkLogits("take the cross-entropy", logits!);
    checkLabels("take the cross-entropy", { logits: logits!, labels: labels! });
    return [f32(labels!.shape)];
  },

  vjp: ({ inputs: [logits, labels] }, [dloss]) => [
    applyOne(crossEntropyGradientOp, [dloss!, logits!, labels!], undefined),
    null,
  ],

  lower: byRow("cross_entropy"),
};

/** dlogits from (dloss, logits, labels), the derivative of {@linkcode crossEntropyOp}. */
export const crossEntropyGradientOp: Op = {
  name: "cross_entropy_gradient",
  infer: ([, logits]) => [logits!],
  lower: byRow("cross_entropy_gradient"),
};

/**
 * Cross-entropy of each example: -log softmax(logits)[n, labels[n]], at least 0; or
 * -Σₖ targets[n, k] log softmax(logits)[n, k], as PyTorch has it for probabilities.
 *
 * @param logits Logits (N, C).
 * @param labels Classes, u32 (N), each below C; or probabilities of each class, (N, C).
 * @returns One loss per example, (N).
 */
export function crossEntropy(logits: Operand, labels: Operand): Tensor {
  if (labels.dtype === "f32" && labels.shape.length === 2) {
    checkSameLogits("take the cross-entropy", [logits, labels]);
    return negate(sum(multiply(labels, logSoftmax(logits)), { start: 1 }));
  }
  return applyOne(crossEntropyOp, [logits, labels], undefined);
}
