// The softmax of each row of logits, and its logarithm. Only the logarithm has a
// kernel: it keeps small probabilities that the softmax itself would round away,
// and a graph that needs both computes it once.

import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { exp } from "../pointwise.ts";
import { byRow, checkLogits } from "./rows.ts";

/** y = log softmax(x), by row. */
export const logSoftmaxOp: Op = {
  name: "log_softmax",

  infer([x]) {
    checkLogits("take the softmax", x!);
    return [x!];
  },

  vjp: ({ outputs: [y] }, [dy]) => [
    applyOne(logSoftmaxGradientOp, [dy!, y!], undefined),
  ],

  lower: byRow("log_softmax"),
};

/** dx from (dy, y), the derivative of {@linkcode logSoftmaxOp}. */
export const logSoftmaxGradientOp: Op = {
  name: "log_softmax_gradient",
  infer: ([dy]) => [dy!],
  lower: byRow("log_softmax_gradient"),
};

/**
 * The logarithm of the softmax of each row: x[n, c] - log Σₖ exp(x[n, k]), at most 0.
 *
 * @param x Logits (N, C).
 * @returns Log-probabilities (N, C).
 */
export function logSoftmax(x: Operand): Tensor {
  return applyOne(logSoftmaxOp, [x], undefined);
}

/**
 * The softmax of each row: exp(x[n, c]) / Σₖ exp(x[n, k]), in [0, 1].
 *
 * @param x Logits (N, C).
 * @returns Probabilities (N, C).
 */
export function softmax(x: Operand): Tensor {
  return exp(logSoftmax(x));
}
