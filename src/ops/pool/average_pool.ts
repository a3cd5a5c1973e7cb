// The mean of each window of an image. What windows reach outside of the image counts
// as zeros, as in PyTorch's default.

import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import { like, type Tensor } from "../../graph/tensor.ts";
import {
  poolDispatch,
  pooledType,
  type PoolGradientParams,
  type PoolOptions,
  type PoolWindow,
  windowOf,
} from "./window.ts";

/** Input x (N, H, W, C); output y (N, P, Q, C). */
export const averagePoolOp: Op<PoolWindow> = {
  name: "average_pool",
  half: true,
  infer: ([x], window) => [pooledType(x!, window)],

  vjp: ({ inputs: [x] }, [dy], window) => [
    applyOne(averagePoolGradientOp, [dy!], { ...window, shape: x!.shape }),
  ],

  lower: ({ inputs: [x], outputs: [y] }, window) => [
    poolDispatch("average_pool", {
      reads: [x!],
      writes: [y!],
      x: x!.shape,
      y: y!.shape,
      window,
    }),
  ],
};

/** Input dy (N, P, Q, C); output dx of the given shape. */
export const averagePoolGradientOp: Op<PoolGradientParams> = {
  name: "average_pool_gradient",
  half: true,
  infer: ([dy], { shape }) => [like(dy!, shape)],

  vjp: (_, [cotangent], { shape: _shape, ...window }) => [
    applyOne(averagePoolOp, [cotangent!], window),
  ],

  lower: ({ inputs: [dy], outputs: [dx] }, { shape, ...window }) => [
    poolDispatch("average_pool_gradient", {
      reads: [dy!],
      writes: [dx!],
      x: shape,
      y: dy!.shape,
      window,
    }),
  ],
};

/**
 * The mean of every window of x (N, H, W, C), zeros outside of the image included:
 * (N, P, Q, C), where P = floor((H + 2 padding - kernelSize) / stride) + 1 and Q
 * likewise.
 *
 * @throws {TypeError} if no window fits into the image.
 * @throws {RangeError} for sizes that are no whole numbers, and a padding of more than
 * half a window.
 */
export function avgPool2d(x: Operand, options: PoolOptions): Tensor {
  return applyOne(averagePoolOp, [x], windowOf(options));
}
