// Channels padded to multiples of four, for kernels that load vectors. A tensor with
// another number of channels is copied with zeros added, and a result is cut back. Padding
// is exact: zeros add nothing to a sum over channels, and extra filters are cut.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import type { Lowering, Storage } from "../../graph/graph.ts";
import { like, type Shape, sizeOf } from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";
import { bindEpilogue, type BoundEpilogue, type Epilogue } from "./epilogue.ts";

/** Vectors of four that hold this many channels. */
export function vec4Count(channels: number): number {
  return Math.ceil(channels / 4);
}

/** Channels with the zeros that make them a multiple of four. */
export function paddedChannels(channels: number): number {
  return 4 * vec4Count(channels);
}

/** A shape, and which of its axes are padded. */
interface Padding {
  readonly shape: Shape;
  readonly axes: readonly number[];
}

/** The inputs and outputs of one pass with padded channels: copies where needed. */
export class PaddedChannels {
  readonly #io: Lowering;
  readonly #before: Dispatch<Storage>[] = [];
  readonly #after: Dispatch<Storage>[] = [];

  constructor(io: Lowering) {
    this.#io = io;
  }

  /** An input of the given shape with `axes` padded. */
  pad(storage: Storage, { shape, axes }: Padding): Storage {
    const padded = withPadding(shape, axes);
    if (sizeOf(padded) === sizeOf(shape)) return storage;
    const copy = this.#io.scratch(like(storage, padded));
    this.#before.push(resize([storage, shape], [copy, padded]));
    return copy;
  }

  /** x, w and what the epilogue adds, of the given shapes, padded and bound. */
  bind(
    inputs: readonly Storage[],
    { x, w, y }: { readonly x: Shape; readonly w: Shape; readonly y: Shape },
    epilogue: Epilogue,
  ): BoundEpilogue {
    const { shift, residual, mask } = epilogue;
    const shapes: (readonly [Shape, readonly number[]])[] = [
      [x, [3]],
      [w, [2, 3]],
      ...shift ? [[y.slice(3), [0]] as const] : [],
      ...residual ? [[y, [3]] as const] : [],
      ...mask ? [[y, [3]] as const] : [],
    ];
    const padded = shapes.map(([shape, axes], i) =>
      this.pad(inputs[i]!, { shape, axes })
    );
    return bindEpilogue(padded, epilogue);
  }

  /** Where to write an output of the given shape, to be cut afterwards. */
  cut(storage: Storage, { shape, axes }: Padding): Storage {
    const padded = withPadding(shape, axes);
    if (sizeOf(padded) === sizeOf(shape)) return storage;
    const copy = this.#io.scratch(like(storage, padded));
    this.#after.push(resize([copy, padded], [storage, shape]));
    return copy;
  }

  /** The dispatches with the copies around them. */
  around(...dispatches: readonly Dispatch<Storage>[]): Dispatch<Storage>[] {
    return [...this.#before, ...dispatches, ...this.#after];
  }
}

function withPadding(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((size, axis) =>
    axes.includes(axis) ? paddedChannels(size) : size
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
    workgroups: linearGrid(sizeOf(to) / to.at(-1)! * vec4Count(to.at(-1)!), 64),
  };
}
