// The same numbers under another shape. Tensors have no strides, so that this is a copy.

import { linearGrid } from "../gpu/program.ts";
import { applyOne, type Op, type Operand } from "../graph/graph.ts";
import {
  formatType,
  like,
  type Shape,
  sizeOf,
  type Tensor,
} from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";

/** The new shape. */
export interface ReshapeParams {
  readonly shape: Shape;
}

/** Input x; output y, of the given shape. */
export const reshapeOp: Op<ReshapeParams> = {
  name: "reshape",
  half: true,

  infer([x], { shape }) {
    const sizes = shape.every((size) => Number.isInteger(size) && size > 0);
    if (!sizes || sizeOf(x!.shape) !== sizeOf(shape)) {
      throw new TypeError(
        `Cannot reshape: expected a shape of ${sizeOf(x!.shape)} numbers for ${
          formatType(x!)
        } but found (${shape.join(", ")})`,
      );
    }
    return [like(x!, shape)];
  },

  vjp: ({ inputs: [x] }, [dy]) => [
    applyOne(reshapeOp, [dy!], { shape: x!.shape }),
  ],

  lower: ({ inputs: [x], outputs: [y] }) => [{
    label: `reshape (${x!.shape.join(", ")})`,
    kernel: kernel("copy"),
    reads: [x!],
    writes: [y!],
    workgroups: linearGrid(sizeOf(x!.shape), 64),
  }],
};

/**
 * x under another shape, the numbers in their order. One size may be -1: what is left.
 *
 * @throws {TypeError} if x has not as many numbers as the shape.
 */
export function reshape(x: Operand, shape: Shape): Tensor {
  const known = sizeOf(shape.filter((size) => size !== -1));
  const left = sizeOf(x.shape) / known;
  const place = shape.indexOf(-1);
  return applyOne(reshapeOp, [x], {
    shape: shape.map((size, axis) => axis === place ? left : size),
  });
}

/**
 * x (N, …) as one vector per image: (N, numbers of an image). A pixel's channels stand
 * side by side, where PyTorch has one plane after the other: a linear layer behind it
 * takes PyTorch's weights in another order.
 */
export function flatten(x: Operand): Tensor {
  return reshape(x, [x.shape[0]!, -1]);
}
