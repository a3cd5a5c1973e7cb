// Tensors side by side along an axis, and a part of one: each other's derivative.

import { type Dispatch, linearGrid } from "../gpu/program.ts";
import {
  applyOne,
  type Op,
  type Operand,
  type Storage,
} from "../graph/graph.ts";
import {
  formatType,
  like,
  type Shape,
  sizeOf,
  type Tensor,
  type TensorType,
} from "../graph/tensor.ts";
import { castLike } from "./cast.ts";
import { fill } from "./fill.ts";
import { kernel } from "./kernel.ts";

/** The axis along which inputs follow one another. */
export interface ConcatParams {
  readonly axis: number;
}

/** A part of an axis, from `start` up to, not including, `end`. */
export interface SliceParams extends ConcatParams {
  readonly start: number;
  readonly end: number;
}

/** Inputs of one type but for the axis; output their concatenation. */
export const concatOp: Op<ConcatParams> = {
  name: "concat",
  half: true,

  infer(inputs, { axis }) {
    const [first] = inputs;
    checkAxis("concatenate", first!, axis);
    const outside = (type: TensorType) =>
      formatType({ ...type, shape: type.shape.with(axis, 0) });
    const wrong = inputs.find(({ dtype, shape }) =>
      shape.length !== first!.shape.length ||
      outside({ dtype, shape }) !== outside(first!)
    );
    if (wrong) {
      throw new TypeError(
        `Cannot concatenate: expected shapes that differ along axis ${axis} ` +
          `alone but found ${formatType(first!)} and ${formatType(wrong)}`,
      );
    }
    const size = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return [like(first!, first!.shape.with(axis, size))];
  },

  vjp({ inputs }, [dy], { axis }) {
    let start = 0;
    return inputs.map(({ shape }) => {
      const end = start + shape[axis]!;
      const own = applyOne(sliceOp, [dy!], { axis, start, end });
      start = end;
      return own;
    });
  },

  lower({ inputs, outputs: [y] }, { axis }) {
    let first_y = 0;
    return inputs.map((x) => {
      const copy = copyColumns([x, y!], { axis, first_x: 0, first_y });
      first_y += columnsOf(x.shape, axis);
      return copy;
    });
  },
};

/** Input x; output a part of it. */
export const sliceOp: Op<SliceParams> = {
  name: "slice",
  half: true,

  infer([x], { axis, start, end }) {
    checkAxis("slice", x!, axis);
    const whole = Number.isInteger(start) && Number.isInteger(end);
    if (!whole || start < 0 || start >= end || end > x!.shape[axis]!) {
      throw new RangeError(
        `Cannot slice: expected a part of axis ${axis} of ${
          formatType(x!)
        } but found ${start} to ${end}`,
      );
    }
    return [like(x!, x!.shape.with(axis, end - start))];
  },

  vjp({ inputs: [x] }, [dy], { axis, start, end }) {
    const { shape } = x!;
    const zeros = (size: number): Tensor[] =>
      size === 0 ? [] : [castLike(
        fill(dy!.graph, { shape: shape.with(axis, size), value: 0 }),
        dy!,
      )];
    const parts = [...zeros(start), dy!, ...zeros(shape[axis]! - end)];
    return [applyOne(concatOp, parts, { axis })];
  },

  lower: ({ inputs: [x], outputs: [y] }, { axis, start }) => [
    copyColumns([x!, y!], {
      axis,
      first_x: start * columnsOf(x!.shape, axis + 1),
      first_y: 0,
    }),
  ],
};

/** Numbers from an axis on. */
function columnsOf(shape: Shape, axis: number): number {
  return sizeOf(shape.slice(axis));
}

/** The dispatch that copies x into y, or y out of x, whichever is shorter. */
function copyColumns(
  [x, y]: readonly [Storage, Storage],
  { axis, first_x, first_y }: {
    readonly axis: number;
    readonly first_x: number;
    readonly first_y: number;
  },
): Dispatch<Storage> {
  const outer = sizeOf(x.shape.slice(0, axis));
  const [x_columns, y_columns] = [x, y].map(({ shape }) =>
    columnsOf(shape, axis)
  ) as [number, number];
  const columns = Math.min(x_columns, y_columns);
  return {
    label: `copy columns (${outer}, ${columns})`,
    kernel: kernel("copy_columns", { constants: { Stored: x.dtype } }),
    reads: [x],
    writes: [y],
    arguments: { outer, columns, x_columns, y_columns, first_x, first_y },
    workgroups: linearGrid(outer * columns, 64),
  };
}

function checkAxis(verb: string, type: TensorType, axis: number): void {
  if (Number.isInteger(axis) && axis >= 0 && axis < type.shape.length) return;
  throw new RangeError(
    `Cannot ${verb}: expected an axis of ${formatType(type)} but found ${axis}`,
  );
}

/**
 * Tensors one after the other along an axis, the last one if left out.
 *
 * @throws {TypeError} if their shapes differ along other axes.
 */
export function concat(
  tensors: readonly Operand[],
  { axis }: { readonly axis?: number } = {},
): Tensor {
  const [first] = tensors;
  if (!first) {
    throw new TypeError(
      "Cannot concatenate: expected at least 1 tensor but found none",
    );
  }
  return applyOne(concatOp, tensors, { axis: axis ?? first.shape.length - 1 });
}

/**
 * A part of x along an axis, from `start` up to, not including, `end`: from the first
 * and through the last element if left out.
 *
 * @throws {RangeError} if there is no such part.
 */
export function slice(
  x: Operand,
  { axis, start = 0, end }: {
    readonly axis: number;
    readonly start?: number;
    readonly end?: number;
  },
): Tensor {
  return applyOne(sliceOp, [x], {
    axis,
    start,
    end: end ?? x.shape[axis] ?? 0,
  });
}
