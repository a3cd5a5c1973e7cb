// The largest number of each window of an image. Where it stood is a second output, so
// that the derivative need not look for it again: a window's cotangent goes to the
// first of its largest numbers, as in PyTorch.

import { apply, applyOne, type Op, type Operand } from "../../graph/graph.ts";
import { like, type Tensor } from "../../graph/tensor.ts";
import {
  poolDispatch,
  pooledType,
  type PoolGradientParams,
  type PoolOptions,
  type PoolWindow,
  windowOf,
} from "./window.ts";

/** Input x (N, H, W, C); outputs y and the pixel of each number, u32, (N, P, Q, C). */
export const maxPoolOp: Op<PoolWindow> = {
  name: "max_pool",
  half: true,

  infer([x], window) {
    const y = pooledType(x!, window);
    return [y, { dtype: "u32", shape: y.shape }];
  },

  vjp: ({ inputs: [x], outputs: [, pixels] }, [dy], window) => [
    applyOne(maxPoolGradientOp, [dy!, pixels!], { ...window, shape: x!.shape }),
  ],

  lower: ({ inputs: [x], outputs }, window) => [
    poolDispatch("max_pool", {
      reads: [x!],
      writes: outputs,
      x: x!.shape,
      y: outputs[0]!.shape,
      window,
    }),
  ],
};

/** Inputs dy and the pixels of the largest, (N, P, Q, C); output dx of the given shape. */
export const maxPoolGradientOp: Op<PoolGradientParams> = {
  name: "max_pool_gradient",
  half: true,
  infer: ([dy], { shape }) => [like(dy!, shape)],

  lower: ({ inputs, outputs: [dx] }, { shape, ...window }) => [
    poolDispatch("max_pool_gradient", {
      reads: inputs,
      writes: [dx!],
      x: shape,
      y: inputs[0]!.shape,
      window,
    }),
  ],
};

/**
 * The largest number of every window of x (N, H, W, C): (N, P, Q, C), where
 * P = floor((H + 2 padding - kernelSize) / stride) + 1 and Q likewise. NaN counts as
 * largest. The derivative goes to the first of the largest.
 *
 * @throws {TypeError} if no window fits into the image.
 * @throws {RangeError} for sizes that are no whole numbers, and a padding of more than
 * half a window.
 */
export function maxPool2d(x: Operand, options: PoolOptions): Tensor {
  return apply(maxPoolOp, [x], windowOf(options))[0]!;
}
