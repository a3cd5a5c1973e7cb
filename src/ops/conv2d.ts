// Two-dimensional convolution (cross-correlation, as in PyTorch) and its two
// gradients. The three operations are each other's derivatives: differentiating
// one gives the other two, so second derivatives cost no further rule.
//
// Activations are (N, H, W, C) and weights (R, S, C, K), so that a pixel's
// channels and a tap's filters are contiguous. Which kernel computes a pass is
// chosen by `conv2d_forms.ts`.

import { applyOne, type Op, type Operand } from "../graph/graph.ts";
import {
  f32,
  formatType,
  type Shape,
  type Tensor,
  type TensorType,
} from "../graph/tensor.ts";
import { forward, inputGradient, weightGradient } from "./conv2d_forms.ts";
import type { ConvSizes } from "./conv2d_sizes.ts";

/** How the filter moves: the same in both directions. */
export interface ConvParams {
  readonly stride: number;
  readonly padding: number;
}

/** A gradient's parameters, with the shape that the pass before did not keep. */
export interface ConvGradientParams extends ConvParams {
  readonly shape: Shape;
}

/** The sizes of a convolution of x with w. */
function sizesOf(
  x: TensorType,
  w: TensorType,
  { stride, padding }: ConvParams,
): ConvSizes {
  const [N, H, W, C] = x.shape as [number, number, number, number];
  const [R, S, , K] = w.shape as [number, number, number, number];
  const P = Math.floor((H + 2 * padding - R) / stride) + 1;
  const Q = Math.floor((W + 2 * padding - S) / stride) + 1;
  return { N, H, W, C, K, R, S, P, Q, stride, padding };
}

/** y = x * w. */
export const conv2dOp: Op<ConvParams> = {
  name: "conv2d",

  infer([x, w], params) {
    checkOperands(x!, w!);
    const { N, P, Q, K } = sizesOf(x!, w!, params);
    if (P < 1 || Q < 1) {
      throw new TypeError(
        `Cannot convolve: expected the filter to fit into the padded input but found x ${
          formatType(x!)
        }, weight ${formatType(w!)}, padding ${params.padding}`,
      );
    }
    return [f32([N, P, Q, K])];
  },

  vjp({ inputs: [x, w] }, [dy], params) {
    return [
      applyOne(conv2dInputGradientOp, [dy!, w!], {
        ...params,
        shape: x!.shape,
      }),
      applyOne(conv2dWeightGradientOp, [x!, dy!], {
        ...params,
        shape: w!.shape,
      }),
    ];
  },

  lower(io, params) {
    return forward(io, sizesOf(io.inputs[0]!, io.inputs[1]!, params));
  },
};

/** dx: what a change of y's cotangent means for x; `shape` is x's. */
export const conv2dInputGradientOp: Op<ConvGradientParams> = {
  name: "conv2d_input_gradient",
  infer: (_, { shape }) => [f32(shape)],

  vjp({ inputs: [dy, w] }, [cotangent], { stride, padding }) {
    return [
      applyOne(conv2dOp, [cotangent!, w!], { stride, padding }),
      applyOne(conv2dWeightGradientOp, [cotangent!, dy!], {
        stride,
        padding,
        shape: w!.shape,
      }),
    ];
  },

  lower(io, params) {
    return inputGradient(io, sizesOf(f32(params.shape), io.inputs[1]!, params));
  },
};

/** dw: the sum over output pixels; `shape` is w's. */
export const conv2dWeightGradientOp: Op<ConvGradientParams> = {
  name: "conv2d_weight_gradient",
  infer: (_, { shape }) => [f32(shape)],

  vjp({ inputs: [x, dy] }, [cotangent], { stride, padding }) {
    return [
      applyOne(conv2dInputGradientOp, [dy!, cotangent!], {
        stride,
        padding,
        shape: x!.shape,
      }),
      applyOne(conv2dOp, [x!, cotangent!], { stride, padding }),
    ];
  },

  lower(io, params) {
    return weightGradient(
      io,
      sizesOf(io.inputs[0]!, f32(params.shape), params),
    );
  },
};

function checkOperands(x: TensorType, w: TensorType): void {
  const types = `x ${formatType(x)}, weight ${formatType(w)}`;
  if (x.shape.length !== 4 || w.shape.length !== 4) {
    throw new TypeError(
      `Cannot convolve: expected x (N, H, W, C) and weight (R, S, C, K) but found ${types}`,
    );
  }
  if (x.shape[3] !== w.shape[2]) {
    throw new TypeError(
      `Cannot convolve: expected ${w.shape[2]} input channels but found ${
        x.shape[3]
      } (${types})`,
    );
  }
}

/**
 * The convolution of x (N, H, W, C) with w (R, S, C, K): (N, P, Q, K), where
 * P = floor((H + 2 padding - R) / stride) + 1 and Q likewise.
 *
 * @throws {TypeError} if the channels differ or the filter does not fit.
 */
export function conv2d(
  x: Operand,
  w: Operand,
  { stride = 1, padding = 0 }: Partial<ConvParams> = {},
): Tensor {
  return applyOne(conv2dOp, [x, w], { stride, padding });
}
