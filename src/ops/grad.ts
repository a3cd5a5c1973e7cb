// Differentiation, with the operations `add` and `fill` that it needs.

import type { Operand } from "../graph/graph.ts";
import { reverse } from "../graph/grad.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import { castLike } from "./cast.ts";
import { fill } from "./fill.ts";
import { add } from "./pointwise.ts";

/**
 * Gradients of the sum of `of` with respect to each of `wrt`; zeros where it does
 * not depend on one. A variable stands for its current value.
 */
export function grad(of: Tensor, wrt: readonly Operand[]): Tensor[] {
  const tensors = wrt.map((x) => x instanceof Variable ? of.graph.read(x) : x);
  return reverse(of, tensors, {
    add,
    fill: (like, value) =>
      castLike(fill(like.graph, { shape: like.shape, value }), like),
  });
}
