// The largest element of each row, for the maximum norm of images. It has no
// derivative: attacks measure with it and never differentiate through it.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import {
  applyOne,
  type Op,
  type Operand,
  type Storage,
} from "../../graph/graph.ts";
import { f32, formatType, sizeOf, type Tensor } from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";

/** Most elements that one invocation reads. */
const CHUNK = 256;

/** y[n] = the largest element of x[n, …]. */
export const maxOp: Op = {
  name: "max",

  infer([x]) {
    if (x!.dtype !== "f32" || x!.shape.length < 2) {
      throw new TypeError(
        `Cannot take the largest: expected f32 (N, …) but found ${
          formatType(x!)
        }`,
      );
    }
    return [f32(x!.shape.slice(0, 1))];
  },

  lower({ inputs: [x], outputs: [y], scratch }) {
    const [outer, ...row] = x!.shape as [number, ...number[]];
    const reduced = sizeOf(row);
    // Chunks of equal size, so that none is empty.
    const chunk = Math.ceil(reduced / Math.ceil(reduced / CHUNK));
    const chunks = Math.ceil(reduced / chunk);
    if (chunks === 1) return [dispatch(x!, y!, { outer, reduced, chunks })];
    const partial = scratch(f32([outer, chunks]));
    return [
      dispatch(x!, partial, { outer, reduced, chunks }),
      dispatch(partial, y!, { outer, reduced: chunks, chunks: 1 }),
    ];
  },
};

function dispatch(
  x: Storage,
  y: Storage,
  sizes: {
    readonly outer: number;
    readonly reduced: number;
    readonly chunks: number;
  },
): Dispatch<Storage> {
  const { outer, reduced, chunks } = sizes;
  return {
    label: `max (${outer}, ${reduced})`,
    kernel: kernel("reduce_max"),
    reads: [x],
    writes: [y],
    arguments: { ...sizes, chunk: Math.ceil(reduced / chunks) },
    workgroups: linearGrid(outer * chunks, 64),
  };
}

/** The largest element of each row of x (N, …): (N). */
export function max(x: Operand): Tensor {
  return applyOne(maxOp, [x], undefined);
}
