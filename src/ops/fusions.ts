// Fusions that several operations share. A gradient computes these consumers as it is
// written:
//
//   dx + other           another cotangent of the same value
//   select(dx, 0, y <= 0)    the gradient of a ReLU with output y
//
// An operation lists the fusions that its kernels have in `Op.fusions`.

import type { Fusion } from "../graph/graph.ts";
import { formatType } from "../graph/tensor.ts";
import { pointwiseOp, type PointwiseParams } from "./pointwise_op.ts";

/**
 * The addition of a value of the output's type, as the input `residual`; where `allowed`
 * permits it.
 */
export function addResidual<P extends { readonly residual?: boolean }>(
  allowed: (params: P) => boolean = () => true,
): Fusion<P, PointwiseParams> {
  return {
    consumer: pointwiseOp,
    rewrite({ inputs, at, params: { name, cotangentOf } }, params) {
      if (name !== "add" || cotangentOf !== undefined) return null;
      const [own, other] = [inputs[at]!, inputs[1 - at]!];
      const fits = formatType(own) === formatType(other);
      return fits && !params.residual && allowed(params)
        ? { inputs: [other], params: { ...params, residual: true } }
        : null;
    },
  };
}

/**
 * The gradient of a ReLU, whose output becomes the input `mask`; where `allowed` permits
 * it.
 */
export function maskWithRelu<P extends { readonly mask?: boolean }>(
  allowed: (params: P) => boolean = () => true,
): Fusion<P, PointwiseParams> {
  return {
    consumer: pointwiseOp,
    rewrite({ inputs, at, params: { name, cotangentOf } }, params) {
      if (name !== "relu" || cotangentOf === undefined || at !== 0) return null;
      // A cotangent rule's inputs are dy, the ReLU's input and its output.
      return !params.mask && allowed(params)
        ? { inputs: [inputs[2]!], params: { ...params, mask: true } }
        : null;
    },
  };
}
