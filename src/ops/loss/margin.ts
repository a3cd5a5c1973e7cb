// The margin of the strongest wrong class over the true one, and whether a prediction is
// correct. Of equal logits the first counts as the largest, as in `torch.argmax`, so that
// accuracies agree with PyTorch's in every example.

import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import { f32, type Tensor } from "../../graph/tensor.ts";
import { byRow, checkLabels, checkLogits } from "./rows.ts";

/** margin[n] = max over c other than labels[n] of logits[n, c], - logits[n, labels[n]]. */
export const marginOp: Op = {
  name: "margin",

  infer([logits, labels]) {
    checkLogits("take the margin", logits!, { classes: 2 });
    checkLabels("take the margin", { logits: logits!, labels: labels! });
    return [f32(labels!.shape)];
  },

  vjp: ({ inputs: [logits, labels] }, [dmargin]) => [
    applyOne(marginGradientOp, [dmargin!, logits!, labels!], undefined),
    null,
  ],

  lower: byRow("margin"),
};

/** dlogits from (dmargin, logits, labels), the derivative of {@linkcode marginOp}. */
export const marginGradientOp: Op = {
  name: "margin_gradient",
  infer: ([, logits]) => [logits!],
  lower: byRow("margin_gradient"),
};

/** correct[n] = 1 where logits[n] are largest at labels[n], else 0. */
export const correctOp: Op = {
  name: "correct",

  infer([logits, labels]) {
    checkLogits("compare with labels", logits!);
    checkLabels("compare with labels", { logits: logits!, labels: labels! });
    return [f32(labels!.shape)];
  },

  lower: byRow("correct"),
};

/**
 * The margin by which each example is misclassified:
 * max over c other than y of logits[n, c], - logits[n, y], with y = labels[n].
 * Any number; negative where the example is classified as its label. Its gradient
 * is +1 at the first class that attains the maximum and -1 at the label.
 *
 * @param logits Logits (N, C), of at least 2 classes.
 * @param labels Classes, u32 (N), each below C.
 * @returns One margin per example, (N).
 */
export function margin(logits: Operand, labels: Operand): Tensor {
  return applyOne(marginOp, [logits, labels], undefined);
}

/**
 * 1 for each example whose first largest logit is at its label, else 0. Logits of
 * which one is not a number count as wrong. It has no derivative.
 *
 * @param logits Logits (N, C).
 * @param labels Classes, u32 (N), each below C.
 * @returns One number per example, (N).
 */
export function correct(logits: Operand, labels: Operand): Tensor {
  return applyOne(correctOp, [logits, labels], undefined);
}
