// What the ranks of a run exchange within a step: the host carries it out between two
// parts of the program, so that these operations have no dispatches.
//
// Gradients of losses are summed; each rank's loss has its part of the batch for a factor.
// Rows of features are gathered, so that a loss over all pairs of a batch is computed as
// one process would: every rank computes all of it, and keeps the gradient of its own rows.

import type { Share } from "../base/communicator.ts";
import { type Exchange, linearGrid } from "../gpu/program.ts";
import { apply, applyOne, type Graph, type Op } from "../graph/graph.ts";
import {
  f32,
  formatType,
  sizeOf,
  type Tensor,
  Variable,
} from "../graph/tensor.ts";
import { slice } from "./concat.ts";
import { kernel } from "./kernel.ts";
import { mulScalar } from "./pointwise.ts";
import { store } from "./store.ts";

/** What becomes of the numbers, and this rank's weight in a mean. */
export type ReduceParams = Pick<Exchange, "kind" | "weight">;

/** Input: the variable to exchange. */
export const reduceRanksOp: Op<ReduceParams> = {
  name: "reduce_ranks",
  updates: [0],
  infer: () => [],
  lower: () => [],
  exchange: ({ inputs: [variable] }, { kind, weight }) => ({
    kind,
    from: variable!,
    to: variable!,
    weight,
    counts: [],
  }),
};

/** How many numbers each rank has. */
export interface GatherRanksParams {
  readonly counts: readonly number[];
}

/** Inputs: the rank's own rows, and a variable for those of all; both variables. */
export const gatherRanksOp: Op<GatherRanksParams> = {
  name: "gather_ranks",
  updates: [1],
  infer: () => [],
  lower: () => [],
  exchange: ({ inputs: [own, all] }, { counts }) => ({
    kind: "gather",
    from: own!,
    to: all!,
    weight: 1,
    counts,
  }),
};

/** The rank's rows among those of all, and the part of the batch that they are. */
export interface GatheredRowsParams extends Share {
  readonly total: number;
}

/**
 * Inputs: own rows (n, D), and a variable with those of all ranks (N, D); output the
 * latter. The gradient of the own rows is larger by N / n, since gradients are averaged.
 */
export const gatheredRowsOp: Op<GatheredRowsParams> = {
  name: "gathered_rows",

  infer: ([, all]) => [f32(all!.shape)],

  vjp(_, [dy], { first, count, total }) {
    const own = slice(dy!, { axis: 0, start: first, end: first + count });
    return [mulScalar(own, total / count), null];
  },

  lower: ({ inputs: [, all], outputs }) => [{
    label: "rows of all ranks",
    kernel: kernel("copy"),
    reads: [all!],
    writes: outputs,
    workgroups: linearGrid(sizeOf(all!.shape), 64),
  }],
};

/** Replaces a variable by what the ranks have together, as `Exchange` says. */
export function reduceRanks(
  variable: Variable,
  { kind, weight = 1, graph }: {
    readonly kind: Exclude<Exchange["kind"], "gather">;
    /** The rank's weight in a mean; 1 in all else. */
    readonly weight?: number;
    readonly graph: Graph;
  },
): void {
  apply(reduceRanksOp, [variable], { kind, weight }, graph);
}

/**
 * The rows of all ranks, (N, D), from this rank's, (n, D), by the place of each rank's rows
 * in the batch; of several tensors at once. Gradients reach the own rows.
 */
export function gatherRanks(
  tensors: readonly Tensor[],
  { rank, shares }: {
    readonly rank: number;
    readonly shares: readonly Share[];
  },
): Tensor[] {
  const share = shares[rank]!;
  const total = shares.reduce((sum, { count }) => sum + count, 0);
  const sent = tensors.map((own) => {
    checkRows(own, share);
    const variable = new Variable("rows of this rank", own.shape);
    store(own, variable);
    return variable;
  });
  const received = sent.map((variable, i) => {
    const [, columns] = variable.shape as [number, number];
    const all = new Variable("rows of all ranks", [total, columns]);
    const counts = shares.map(({ count }) => count * columns);
    apply(gatherRanksOp, [variable, all], { counts }, tensors[i]!.graph);
    return all;
  });
  return tensors.map((own, i) => {
    const all = own.graph.read(received[i]!);
    return applyOne(gatheredRowsOp, [own, all], { ...share, total });
  });
}

function checkRows(own: Tensor, { count }: Share): void {
  if (own.dtype === "f32" && own.shape.length === 2 && own.shape[0] === count) {
    return;
  }
  throw new TypeError(
    `Cannot gather the rows of all ranks: expected f32 (${count}, D) but found ${
      formatType(own)
    }`,
  );
}
