// Channels in fours, for kernels that load vectors. An operand whose channels are
// no multiple of four is copied with zeros added, and a result is cut back. Zeros
// are exact: they add nothing to a sum over channels, and extra filters are cut.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import type { Lowering, Storage } from "../../graph/graph.ts";
import { like, type Shape, sizeOf } from "../../graph/tensor.ts";
import type { Epilogue, epilogueOf } from "./problem.ts";
import { kernel } from "../kernel.ts";

/** Vectors of four that hold this many channels. */
export function quads(channels: number): number {
  return Math.ceil(channels / 4);
}

/** Copies of operands with channels padded to multiples of four, where they are not. */
export class Fours {
  readonly #io: Lowering;
  readonly #before: Dispatch<Storage>[] = [];
  readonly #after: Dispatch<Storage>[] = [];

  constructor(io: Lowering) {
    this.#io = io;
  }

  /** An input of the given shape whose `axes` are multiples of four. */
  from(storage: Storage, shape: Shape, axes: readonly number[]): Storage {
    const wide = widened(shape, axes);
    if (sizeOf(wide) === sizeOf(shape)) return storage;
    const copy = this.#io.scratch(like(storage, wide));
    this.#before.push(resize([storage, shape], [copy, wide]));
    return copy;
  }

  /** The reads of a kernel, those that its epilogue lacks bound to others again. */
  reads(
    [x, w, shift, residual, mask]: ReturnType<typeof epilogueOf>["reads"],
    shapes: { readonly x: Shape; readonly w: Shape; readonly y: Shape },
    epilogue: Epilogue,
  ): Storage[] {
    const image = this.from(x, shapes.x, [3]);
    const weights = this.from(w, shapes.w, [2, 3]);
    const filters = shapes.y.slice(3);
    return [
      image,
      weights,
      epilogue.shift ? this.from(shift, filters, [0]) : weights,
      epilogue.residual ? this.from(residual, shapes.y, [3]) : image,
      epilogue.mask ? this.from(mask, shapes.y, [3]) : image,
    ];
  }

  /** Where to write an output of the given shape. */
  into(storage: Storage, shape: Shape, axes: readonly number[]): Storage {
    const wide = widened(shape, axes);
    if (sizeOf(wide) === sizeOf(shape)) return storage;
    const copy = this.#io.scratch(like(storage, wide));
    this.#after.push(resize([copy, wide], [storage, shape]));
    return copy;
  }

  /** The dispatches with the copies around them. */
  around(...dispatches: readonly Dispatch<Storage>[]): Dispatch<Storage>[] {
    return [...this.#before, ...dispatches, ...this.#after];
  }
}

function widened(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) =>
    axes.includes(axis) ? 4 * quads(size) : size
  );
}

/** A copy of the last two axes, padded with zeros or cut. */
function resize(
  [x, from]: readonly [Storage, Shape],
  [y, to]: readonly [Storage, Shape],
): Dispatch<Storage> {
  const [rows, columns] = [from.at(-2) ?? 1, from.at(-1)!];
  return {
    label: "resize channels",
    kernel: kernel("resize_channels", { constants: { Stored: x.dtype } }),
    reads: [x],
    writes: [y],
    arguments: {
      outer: sizeOf(from) / (rows * columns),
      rows,
      columns,
      to_rows: to.at(-2) ?? 1,
      to_columns: to.at(-1)!,
    },
    workgroups: linearGrid(sizeOf(to) / to.at(-1)! * quads(to.at(-1)!), 64),
  };
}
