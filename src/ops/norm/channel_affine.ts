// A scale and a shift per channel, fused with the residual addition and the ReLU that
// usually follow:  y = relu(scale x + shift + residual)
//
// This is batch normalization with given statistics: scale = gamma / deviation and
// shift = beta - mean scale come from pointwise operations on (C), so they leave an
// attack's loop, and derivatives with respect to gamma and beta follow by themselves.

import type { Target } from "../../gpu/device.ts";
import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import {
  applyOne,
  type Op,
  type Operand,
  type Storage,
} from "../../graph/graph.ts";
import {
  formatType,
  like,
  sizeOf,
  type Tensor,
  type TensorType,
} from "../../graph/tensor.ts";
import { addResidual } from "../fusions.ts";
import { kernel } from "../kernel.ts";
import { multiply, reluGradient } from "../pointwise.ts";
import { sum } from "../reduce/reduce.ts";
import { itemsFor, vectorAccess, type Vectors, vectorsOf } from "../vectors.ts";

/** The fused parts. */
export interface ChannelAffineParams {
  readonly relu: boolean;
  readonly residual: boolean;
}

/** Inputs x (..., C), scale (C), shift (C), [residual (..., C)]. */
export const channelAffineOp: Op<ChannelAffineParams> = {
  name: "channel_affine",
  half: true,

  infer(inputs, params) {
    checkChannels("scale channels of", inputs, params);
    return [like(inputs[0]!, inputs[0]!.shape)];
  },

  vjp({ inputs: [x, scale], outputs: [y] }, [dy], { relu, residual }) {
    // Where it can, the operation that made dy applies the mask as well.
    const g = relu ? reluGradient(dy!, y!) : dy!;
    const dx = applyOne(channelAffineGradientOp, [g, scale!], {
      residual: false,
    });
    const leading = { end: x!.shape.length - 1 };
    const dScale = sum(multiply(g, x!), leading);
    return [dx, dScale, sum(g, leading), ...(residual ? [g] : [])];
  },

  lower(io, params) {
    const { inputs, outputs } = io;
    return [affineDispatch(inputs, outputs[0]!, { ...io, ...params })];
  },
};

/** Whether another cotangent of the same value is added. */
export interface ChannelAffineGradientParams {
  readonly residual: boolean;
}

/** Inputs dy, scale, [residual]; output dx = scale dy, plus the residual. */
export const channelAffineGradientOp: Op<ChannelAffineGradientParams> = {
  name: "channel_affine_gradient",
  half: true,
  infer: ([dy]) => [like(dy!, dy!.shape)],

  fusions: [addResidual()],

  lower({ inputs: [dy, scale, residual], outputs }) {
    const { element, stored, width } = elementOf(dy!);
    const size = sizeOf(dy!.shape) / width;
    return [{
      label: `channel affine gradient ${dy!.shape.join("x")}`,
      kernel: kernel("channel_affine_gradient", {
        constants: {
          Element: element,
          Stored: stored,
          RESIDUAL: residual !== undefined,
        },
      }),
      reads: [dy!, scale!, residual ?? dy!],
      writes: outputs,
      arguments: { size, channels: dy!.shape.at(-1)! / width },
      workgroups: linearGrid(Math.ceil(size / 4), 64),
    }];
  },
};

/** The dispatch of y = relu(scale x + shift + residual). */
export function affineDispatch(
  [x, scale, shift, residual]: readonly (Storage | undefined)[],
  y: Storage,
  { relu, ...target }: Target & { readonly relu: boolean },
): Dispatch<Storage> {
  const vectors = elementOf(y);
  const { element, width } = vectors;
  const size = sizeOf(y.shape) / width;
  return {
    label: `channel affine ${y.shape.join("x")}`,
    kernel: kernel("channel_affine", {
      constants: {
        Element: element,
        RELU: relu,
        RESIDUAL: residual !== undefined,
        ...itemsFor(target),
      },
      ...vectorAccess(target, vectors),
    }),
    reads: [x!, scale!, shift!, residual ?? x!],
    writes: [y],
    arguments: { size, channels: y.shape.at(-1)! / width },
    workgroups: linearGrid(Math.ceil(size / 4), 64),
  };
}

/** Channels are taken four at a time where their number allows. */
export function elementOf(x: TensorType): Vectors {
  return vectorsOf(x, x.shape.at(-1)!);
}

/** Refuses vectors that do not fit x's channels, and a residual of another shape. */
export function checkChannels(
  verb: string,
  inputs: readonly TensorType[],
  { residual }: { readonly residual: boolean },
): void {
  const x = inputs[0]!;
  const C = x.shape.at(-1);
  const vectors = inputs.slice(1, residual ? -1 : undefined);
  const wrong = vectors.find(({ dtype, shape }) =>
    dtype !== "f32" || shape.length !== 1 || shape[0] !== C
  );
  if (wrong) {
    throw new TypeError(
      `Cannot ${verb} ${formatType(x)}: expected f32 (${C}) but found ${
        formatType(wrong)
      }`,
    );
  }
  const added = residual ? inputs.at(-1)! : x;
  if (formatType(added) !== formatType(x)) {
    throw new TypeError(
      `Cannot ${verb} ${
        formatType(x)
      }: expected a residual of that type but found ${formatType(added)}`,
    );
  }
}

/** Scale and shift, and the fused parts. */
export interface ChannelAffineOptions {
  readonly scale: Operand;
  readonly shift: Operand;
  readonly relu?: boolean;
  /** Added before the ReLU; of x's shape. */
  readonly residual?: Tensor | undefined;
}

/** relu(scale x + shift + residual), for x (..., C) and scale, shift (C). */
export function channelAffine(
  x: Operand,
  { scale, shift, relu = false, residual }: ChannelAffineOptions,
): Tensor {
  const inputs = [x, scale, shift, ...(residual ? [residual] : [])];
  return applyOne(channelAffineOp, inputs, {
    relu,
    residual: residual !== undefined,
  });
}
