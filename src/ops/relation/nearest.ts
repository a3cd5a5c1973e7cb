// The nearest neighbors of queries among any number of candidates, which come a
// batch at a time and are not kept: each query has a list of the most similar ones
// so far on the device, to which a batch is compared. The search is exact.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import { apply, type Op, type Storage } from "../../graph/graph.ts";
import {
  formatType,
  sameShape,
  sizeOf,
  type Tensor,
  type Variable,
} from "../../graph/tensor.ts";
import { conv2d } from "../conv/conv2d.ts";
import { kernel } from "../kernel.ts";
import { insertAxis } from "../reduce/reduce.ts";

/** Loop trips that every driver carries out, with some to spare. */
const TRIPS = 60_000;

/**
 * Inputs similarity (N, Q) or with axes of 1 between, labels u32 (N), and the lists that it updates: nearest
 * similarities (K, Q) in falling order and their labels u32 (K, Q).
 */
export const keepNearestOp: Op = {
  name: "keep_nearest",
  updates: [2, 3],

  infer([similarity, labels, nearest, nearestLabels]) {
    const [, Q = 0] = nearest!.shape;
    const fits = labels!.dtype === "u32" && nearestLabels!.dtype === "u32" &&
      sizeOf(similarity!.shape) === sizeOf(labels!.shape) * Q &&
      similarity!.shape.at(-1) === Q &&
      sameShape(nearest!.shape, nearestLabels!.shape);
    if (!fits) {
      const types = [similarity, labels, nearest, nearestLabels];
      throw new TypeError(
        "Cannot keep the nearest: expected similarity (N, Q), labels u32 (N), " +
          `nearest (K, Q), labels u32 (K, Q) but found ${
            types.map((type) => formatType(type!)).join(", ")
          }`,
      );
    }
    return [];
  },

  // Pieces, so that no loop is longer than a driver goes.
  lower({ inputs: [similarity, labels, nearest, nearestLabels] }) {
    const count = sizeOf(labels!.shape);
    const [kept, queries] = nearest!.shape as [number, number];
    const most = Math.max(1, Math.floor(TRIPS / (kept + 1)));
    const pieces: Dispatch<Storage>[] = [];
    for (let first = 0; first < count; first += most) {
      pieces.push({
        label: `keep ${kept} nearest of ${count}`,
        kernel: kernel("keep_nearest"),
        reads: [similarity!, labels!],
        writes: [nearest!, nearestLabels!],
        arguments: {
          queries,
          kept,
          first,
          end: Math.min(count, first + most),
        },
        workgroups: linearGrid(queries, 64),
      });
    }
    return pieces;
  },
};

/** Queries, and what each has found so far. */
export interface NeighborLists {
  /** Directions of the queries, (1, 1, D, Q). */
  readonly queries: Variable;
  /** Similarities of the nearest, (K, Q); less than -1 where there is none yet. */
  readonly nearest: Variable;
  /** Their labels, u32 (K, Q). */
  readonly labels: Variable;
}

/**
 * Compares candidates with all queries, by the cosine of their features.
 *
 * @param candidates Directions (N, D).
 * @param labels u32 (N).
 */
export function keepNearest(
  { queries, nearest, labels: nearestLabels }: NeighborLists,
  { candidates, labels }: {
    readonly candidates: Tensor;
    readonly labels: Tensor;
  },
): void {
  // A product with many columns is a convolution of 1x1: (1, N, 1, D) by (1, 1, D, Q).
  const rows = insertAxis(insertAxis(candidates, 1), 0);
  const similarity = conv2d(rows, queries);
  apply(
    keepNearestOp,
    [similarity, labels, nearest, nearestLabels],
    undefined,
  );
}
