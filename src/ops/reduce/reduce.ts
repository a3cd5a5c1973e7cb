// Sums and means over neighboring axes, and the repetition that is their
// derivative. A long sum is done in two dispatches, partial sums and their sum, in
// an order that does not depend on the device's scheduling.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import {
  applyOne,
  type Op,
  type Operand,
  type Storage,
} from "../../graph/graph.ts";
import {
  type DType,
  f32,
  formatType,
  type Shape,
  sizeOf,
  type Tensor,
} from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";
import { vectorsOf } from "../vectors.ts";

/** Neighboring axes, from `start` up to, not including, `end`, and a factor. */
export interface AxesParams {
  readonly start: number;
  readonly end: number;
  /** The result is multiplied by this: 1 for a sum, 1 / n for a mean. */
  readonly factor: number;
}

/** A sum, and whether the summed axes stay with size 1. */
export interface SumParams extends AxesParams {
  readonly keep: boolean;
}

/** A repetition of axes of size 1 (or absent ones) to the sizes of `shape`. */
export interface RepeatParams extends AxesParams {
  readonly shape: Shape;
  /** The type of the result, `f32` if left out. */
  readonly dtype?: DType;
}

/** Most terms that one invocation adds. */
const CHUNK = 256;

/** y = factor · the sum of x over neighboring axes, in f32. */
export const sumOp: Op<SumParams> = {
  name: "sum",
  half: true,

  infer([x], { start, end, keep }) {
    if (x!.dtype === "u32") {
      throw new TypeError(
        `Cannot sum: expected f32 but found ${formatType(x!)}`,
      );
    }
    if (start < 0 || end > x!.shape.length || start > end) {
      throw new RangeError(
        `Cannot sum: expected axes within ${
          formatType(x!)
        } but found ${start} to ${end}`,
      );
    }
    const middle = keep ? x!.shape.slice(start, end).map(() => 1) : [];
    return [
      f32([...x!.shape.slice(0, start), ...middle, ...x!.shape.slice(end)]),
    ];
  },

  vjp({ inputs: [x] }, [dy], { start, end, factor }) {
    const { shape, dtype } = x!;
    return [applyOne(repeatOp, [dy!], { start, end, factor, shape, dtype })];
  },

  lower({ inputs: [x], outputs: [y], scratch }, params) {
    const { outer, middle, inner } = split(x!.shape, params);
    const chunks = Math.ceil(middle / CHUNK);
    const sizes = { outer, inner, factor: params.factor };
    if (chunks === 1) {
      return [sumDispatch(x!, y!, { ...sizes, reduced: middle, chunks })];
    }
    const partial = scratch(f32([outer, chunks, inner]));
    return [
      sumDispatch(x!, partial, {
        ...sizes,
        reduced: middle,
        chunks,
        factor: 1,
      }),
      sumDispatch(partial, y!, { ...sizes, reduced: chunks, chunks: 1 }),
    ];
  },
};

function sumDispatch(
  x: Storage,
  y: Storage,
  sizes: {
    readonly outer: number;
    readonly reduced: number;
    readonly inner: number;
    readonly chunks: number;
    readonly factor: number;
  },
): Dispatch<Storage> {
  const { outer, reduced, inner, chunks } = sizes;
  return {
    label: `sum (${outer}, ${reduced}, ${inner})`,
    kernel: kernel("reduce_sum", { constants: { Stored: x.dtype } }),
    reads: [x],
    writes: [y],
    arguments: { ...sizes, chunk: Math.ceil(reduced / chunks) },
    workgroups: linearGrid(outer * chunks * inner, 64),
  };
}

/** x repeated along neighboring axes, times a factor: the derivative of a sum. */
export const repeatOp: Op<RepeatParams> = {
  name: "repeat",

  infer([x], { shape, start, end, dtype = "f32" }) {
    const { outer, inner } = split(shape, { start, end });
    if (sizeOf(x!.shape) !== outer * inner) {
      throw new TypeError(
        `Cannot repeat: expected ${outer * inner} elements for (${
          shape.join(", ")
        }) but found ${formatType(x!)}`,
      );
    }
    return [{ dtype, shape }];
  },

  vjp({ inputs: [x] }, [dy], { start, end, factor }) {
    const kept = x!.shape.length === dy!.shape.length;
    return [applyOne(sumOp, [dy!], { start, end, factor, keep: kept })];
  },

  lower({ inputs: [x], outputs: [y] }, params) {
    const { outer, middle, inner } = split(params.shape, params);
    const { element, stored, width } = vectorsOf(y!, inner);
    return [{
      label: `repeat (${outer}, ${middle}, ${inner})`,
      kernel: kernel("repeat_axis", {
        constants: { Element: element, Stored: stored },
      }),
      reads: [x!],
      writes: [y!],
      arguments: {
        outer,
        repeated: middle,
        inner: inner / width,
        factor: params.factor,
      },
      workgroups: linearGrid(outer * Math.ceil(middle / 4) * inner / width, 64),
    }];
  },
};

/** A shape as three sizes: before, in and behind the axes. */
function split(
  shape: Shape,
  { start, end }: { readonly start: number; readonly end: number },
): { outer: number; middle: number; inner: number } {
  return {
    outer: sizeOf(shape.slice(0, start)),
    middle: sizeOf(shape.slice(start, end)),
    inner: sizeOf(shape.slice(end)),
  };
}

/** Which axes to take, from `start` up to, not including, `end`; all by default. */
export interface AxesOptions {
  /** The first axis; 0 if left out. */
  readonly start?: number;
  /** The axis after the last one; that after all axes if left out. */
  readonly end?: number;
  /** Leave the axes in place, with size 1. */
  readonly keep?: boolean;
}

/** The sum over neighboring axes. */
export function sum(x: Operand, options: AxesOptions = {}): Tensor {
  const { start = 0, end = x.shape.length, keep = false } = options;
  return applyOne(sumOp, [x], { start, end, keep, factor: 1 });
}

/** The mean over neighboring axes. */
export function mean(x: Operand, options: AxesOptions = {}): Tensor {
  const { start = 0, end = x.shape.length, keep = false } = options;
  const factor = 1 / sizeOf(x.shape.slice(start, end));
  return applyOne(sumOp, [x], { start, end, keep, factor });
}

/** x with an axis of size 1 in front of the given one. */
export function insertAxis(x: Operand, axis: number): Tensor {
  const shape = [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)];
  const axes = { start: axis, end: axis + 1 };
  return applyOne(repeatOp, [x], { ...axes, factor: 1, shape });
}

/** x with axes of size 1 behind its own, up to `rank`: one number per image, for images. */
export function trailingAxes(x: Operand, rank: number): Tensor {
  const start = x.shape.length;
  const shape = [...x.shape, ...Array.from({ length: rank - start }, () => 1)];
  return applyOne(repeatOp, [x], { start, end: rank, factor: 1, shape });
}

/** Sums what broadcasting had repeated, so that the result has the given shape. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  const missing = x.shape.length - shape.length;
  let result = missing > 0 ? sum(x, { end: missing }) : x;
  for (let axis = 0; axis < shape.length; axis++) {
    const start = axis;
    while (
      axis < shape.length && shape[axis] === 1 && result.shape[axis] !== 1
    ) axis++;
    if (axis > start) result = sum(result, { start, end: axis, keep: true });
  }
  return result;
}
