// A search for the nearest neighbors of many queries in a support set. The support set
// is read a batch at a time and never held as a whole, so that it may have any size.
// The queries are on the device in groups, each small enough for one binding.

import { UserError } from "../base/errors.ts";
import type { Memory } from "../gpu/memory.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import { keepNearest, type NeighborLists } from "../ops/relation/nearest.ts";
import { directions } from "../ops/relation/relation.ts";
import type { Neighbors } from "./neighbor_vote.ts";

/** The sizes of a search. */
export interface SearchOptions {
  /** Number of queries. */
  readonly count: number;
  readonly featureSize: number;
  /** How many neighbors each query keeps. */
  readonly kept: number;
  /** Most queries that are held together. */
  readonly group?: number;
}

/** Queries of a group: 10 MiB with 640 features, and 2 MiB per batch of 128. */
const GROUP = 4096;

/** Less than any cosine: no neighbor yet. */
const NONE = -2;

/** A search of many queries at once. */
export class NeighborSearch {
  readonly #options: SearchOptions;
  readonly #groups: readonly NeighborLists[];

  constructor(options: SearchOptions) {
    const { count, featureSize, kept, group = GROUP } = options;
    this.#options = options;
    this.#groups = Array.from({ length: Math.ceil(count / group) }, (_, i) => {
      const size = Math.min(group, count - i * group);
      return {
        queries: new Variable(`queries ${i}`, [1, 1, featureSize, size]),
        nearest: new Variable(`nearest ${i}`, [kept, size]),
        labels: new Variable(`labels of the nearest ${i}`, [kept, size], "u32"),
      };
    });
  }

  /**
   * Begins a search.
   *
   * @param features The queries' features, (count, featureSize).
   */
  start(memory: Memory, features: Float32Array): void {
    const { featureSize } = this.#options;
    let first = 0;
    for (const { queries, nearest, labels } of this.#groups) {
      const size = nearest.shape[1]!;
      const own = features.subarray(
        first * featureSize,
        (first + size) * featureSize,
      );
      memory.write(queries, columnsOfDirections(own, featureSize));
      const places = nearest.byteLength / 4;
      memory.write(nearest, new Float32Array(places).fill(NONE));
      memory.write(labels, new Uint32Array(places));
      first += size;
    }
  }

  /**
   * Traces the comparison of all queries with a batch of the support set.
   *
   * @param features (N, featureSize).
   * @param labels u32 (N).
   */
  compare(features: Tensor, labels: Tensor): void {
    const candidates = directions(features);
    for (const lists of this.#groups) {
      keepNearest(lists, { candidates, labels });
    }
  }

  /**
   * The neighbors of every query, in the order of the queries.
   *
   * @throws {UserError} if a query has fewer neighbors than are kept.
   */
  async results(memory: Memory): Promise<Neighbors[]> {
    const { kept } = this.#options;
    const found: Neighbors[] = [];
    for (const { nearest, labels } of this.#groups) {
      const size = nearest.shape[1]!;
      const [values, classes] = await memory.read([nearest, labels]);
      const [similarity, label] = [
        new Float32Array(values!),
        new Uint32Array(classes!),
      ];
      for (let query = 0; query < size; query++) {
        const of = <T>(all: ArrayLike<T>): T[] =>
          Array.from({ length: kept }, (_, i) => all[i * size + query]!);
        const similarities = of(similarity);
        if (similarities.at(-1) === NONE) {
          throw new UserError(
            `Cannot search for neighbors: expected ${kept} or more whose features ` +
              "are numbers but found fewer",
          );
        }
        found.push({ similarities, labels: of(label) });
      }
    }
    return found;
  }
}

/** Directions of rows (count, size) as columns (size, count). */
function columnsOfDirections(
  rows: Float32Array,
  size: number,
): Float32Array<ArrayBuffer> {
  const count = rows.length / size;
  const columns = new Float32Array(rows.length);
  for (let row = 0; row < count; row++) {
    const own = rows.subarray(row * size, (row + 1) * size);
    // In 32 bits, as the directions of the support set.
    const squares = own.reduce((sum, x) => sum + x * x, 0);
    const norm = Math.fround(Math.sqrt(squares) + 1e-7);
    own.forEach((x, i) => columns[i * count + row] = x / norm);
  }
  return columns;
}
