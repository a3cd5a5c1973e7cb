// One element of each row, chosen by a label: the logit or the probability of a
// class. The derivative scatters: it is zero but at that element.

import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import { f32, type Tensor } from "../../graph/tensor.ts";
import { fill } from "../fill.ts";
import { byRow, checkLabels, checkLogits } from "./rows.ts";

/** y[n] = x[n, labels[n]]. */
export const gatherClassOp: Op = {
  name: "gather_class",

  infer([x, labels]) {
    checkLogits("gather a class", x!);
    checkLabels("gather a class", { logits: x!, labels: labels! });
    return [f32(labels!.shape)];
  },

  vjp: ({ inputs: [x, labels] }, [dy]) => [
    applyOne(gatherClassGradientOp, [dy!, labels!], {
      columns: x!.shape[1]!,
    }),
    null,
  ],

  lower: byRow("gather_class"),
};

/** How long the rows are that a derivative is scattered to. */
export interface ScatterParams {
  readonly columns: number;
}

/** dx (N, C) from (dy (N), labels), the derivative of {@linkcode gatherClassOp}. */
export const gatherClassGradientOp: Op<ScatterParams> = {
  name: "gather_class_gradient",
  infer: ([dy], { columns }) => [f32([dy!.shape[0]!, columns])],
  lower: byRow("gather_class_gradient"),
};

/**
 * The element of each row at its label: x[n, labels[n]].
 *
 * @param x Values by class, (N, C).
 * @param labels Classes, u32 (N), each below C.
 * @returns One value per row, (N).
 */
export function gatherClass(x: Operand, labels: Operand): Tensor {
  return applyOne(gatherClassOp, [x, labels], undefined);
}

/** 1 at each row's label and 0 elsewhere, (N, classes), from labels u32 (N). */
export function oneHot(labels: Tensor, classes: number): Tensor {
  const one = fill(labels.graph, { shape: labels.shape, value: 1 });
  return applyOne(gatherClassGradientOp, [one, labels], { columns: classes });
}
