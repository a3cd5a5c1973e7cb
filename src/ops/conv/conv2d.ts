// Two-dimensional convolution (cross-correlation, as in PyTorch) and its two
// gradients, with an epilogue that is fused in inference:
//
//   y = relu(x * w + shift + residual)
//
// Without the epilogue, the three operations are each other's derivatives: differentiating
// one gives the other two, so that second derivatives need no further rule. Activations
// are (N, H, W, C) and weights (R, S, C, K), so that a pixel's channels and a tap's
// filters are contiguous; the input gradient takes weights with channels swapped.
// `choose.ts` chooses the algorithm that computes a pass.

import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import {
  f32,
  formatType,
  like,
  type Shape,
  type Tensor,
  type TensorType,
  Variable,
} from "../../graph/tensor.ts";
import { castLike } from "../cast.ts";
import { addResidual, maskWithRelu } from "../fusions.ts";
import { reluGradient } from "../pointwise.ts";
import { sum } from "../reduce/reduce.ts";
import { expandPass, lowerPass } from "./choose.ts";
import {
  type ConvGeometry,
  type ConvGradientParams,
  type ConvInputGradientParams,
  type ConvParams,
  forwardOf,
  inputGradientOf,
  problemOf,
  weightGradientOf,
} from "./params.ts";
import { swapChannels } from "./swap_channels.ts";

export type {
  ConvGeometry,
  ConvGradientParams,
  ConvInputGradientParams,
  ConvParams,
} from "./params.ts";

/** Inputs x, w, [shift (K)], [residual (N, P, Q, K)]; output y. */
export const conv2dOp: Op<ConvParams> = {
  name: "conv2d",
  half: true,

  infer([x, w, ...added], params) {
    checkOperands(x!, w!);
    const { N, P, Q, K } = problemOf(x!, w!, params);
    if (P < 1 || Q < 1) {
      throw new TypeError(
        `Cannot convolve: expected the filter to fit into the padded input but found x ${
          formatType(x!)
        }, weight ${formatType(w!)}, padding ${params.padding}`,
      );
    }
    const y = like(x!, [N, P, Q, K]);
    const expected = [
      ...(params.shift ? [f32([K])] : []),
      ...(params.residual ? [y] : []),
    ];
    expected.forEach((type, i) => {
      if (formatType(type) !== formatType(added[i]!)) {
        throw new TypeError(
          `Cannot convolve: expected ${formatType(type)} to add but found ${
            formatType(added[i]!)
          }`,
        );
      }
    });
    return [y];
  },

  vjp(
    { inputs: [x, w], outputs: [y] },
    [dy],
    { shift, residual, relu, ...geometry },
  ) {
    const g = relu ? reluGradient(dy!, y!) : dy!;
    return [
      applyOne(conv2dInputGradientOp, [g, swapChannels(w!)], {
        ...geometry,
        shape: x!.shape,
      }),
      applyOne(conv2dWeightGradientOp, [x!, g], {
        ...geometry,
        shape: w!.shape,
      }),
      ...(shift ? [sum(g, { end: 3 })] : []),
      ...(residual ? [g] : []),
    ];
  },

  expand: (io, params) => expandPass(io, "forward", forwardOf(io, params)),
  lower: (io, params) => lowerPass(io, "forward", forwardOf(io, params)),
};

/**
 * Inputs dy, w with channels swapped, (R, S, K, C), [residual], [mask]; output dx of the
 * given shape, plus the residual, and 0 where the mask is not positive.
 */
export const conv2dInputGradientOp: Op<ConvInputGradientParams> = {
  name: "conv2d_input_gradient",
  half: true,

  infer([dy, w], { shape }) {
    checkWidths(dy!, w!);
    return [like(dy!, shape)];
  },

  vjp({ inputs: [dy, swapped] }, [cotangent], params) {
    const { shape: _, residual, mask, ...geometry } = params;
    if (residual || mask) {
      throw new TypeError(
        "Cannot differentiate conv2d_input_gradient: expected nothing fused behind it",
      );
    }
    const w = swapChannels(swapped!);
    const dw = applyOne(conv2dWeightGradientOp, [cotangent!, dy!], {
      ...geometry,
      shape: w.shape,
    });
    return [conv2d(cotangent!, w, geometry), swapChannels(dw)];
  },

  fusions: [
    addResidual(({ mask, shape }) => !mask && isWorthFusing(shape)),
    maskWithRelu(({ shape }) => isWorthFusing(shape)),
  ],

  expand: (io, params) =>
    expandPass(io, "input gradient", inputGradientOf(io, params)),
  lower: (io, params) =>
    lowerPass(io, "input gradient", inputGradientOf(io, params)),
};

/** Input gradients of images have too few channels for fusion to pay. */
function isWorthFusing(shape: Shape): boolean {
  return shape[3]! % 4 === 0;
}

/** Inputs x and dy; output dw of the given shape, the sum over output pixels. */
export const conv2dWeightGradientOp: Op<ConvGradientParams> = {
  name: "conv2d_weight_gradient",
  half: true,

  infer([x, dy], { shape }) {
    checkWidths(x!, dy!);
    return [f32(shape)];
  },

  vjp({ inputs: [x, dy] }, [cotangent], { shape: _, ...geometry }) {
    return [
      applyOne(conv2dInputGradientOp, [dy!, swapChannels(cotangent!)], {
        ...geometry,
        shape: x!.shape,
      }),
      conv2d(x!, cotangent!, geometry),
    ];
  },

  expand: (io, params) =>
    expandPass(io, "weight gradient", weightGradientOf(io, params)),
  lower: (io, params) =>
    lowerPass(io, "weight gradient", weightGradientOf(io, params)),
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
  checkWidths(x, w);
}

function checkWidths(a: TensorType, b: TensorType): void {
  if (a.dtype !== b.dtype) {
    throw new TypeError(
      `Cannot convolve: expected operands of one precision but found ${
        formatType(a)
      } and ${formatType(b)}`,
    );
  }
}

/** How to convolve; stride 1, no padding and no epilogue if absent. */
export interface ConvOptions extends Partial<ConvGeometry> {
  /** Added to every pixel: (K). */
  readonly shift?: Operand | undefined;
  /** Added to the output: (N, P, Q, K). */
  readonly residual?: Tensor | undefined;
  readonly relu?: boolean;
}

/**
 * The convolution of x (N, H, W, C) with w (R, S, C, K): (N, P, Q, K), where
 * P = floor((H + padding + paddingEnd - R) / stride) + 1 and Q likewise.
 * Weights follow x into half precision.
 *
 * @throws {TypeError} if the channels differ or the filter does not fit.
 */
export function conv2d(
  x: Operand,
  w: Operand,
  options: ConvOptions = {},
): Tensor {
  const { stride = 1, padding = 0, paddingEnd = padding } = options;
  const { shift, residual, relu = false } = options;
  const inputs = [
    x,
    x instanceof Variable ? w : castLike(w, x),
    ...(shift ? [shift] : []),
    ...(residual ? [residual] : []),
  ];
  return applyOne(conv2dOp, inputs, {
    stride,
    padding,
    ...paddingEnd === padding ? {} : { paddingEnd },
    shift: shift !== undefined,
    residual: residual !== undefined,
    relu,
  });
}
