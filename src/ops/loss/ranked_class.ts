// The class at a rank of a row's logits, for targeted attacks and for the difference of
// logits ratio. Together with `gatherClass`, whose derivative scatters, it is a
// differentiable sort that computes only the ranks in use.

import { linearGrid } from "../../gpu/program.ts";
import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import { sizeOf, type Tensor } from "../../graph/tensor.ts";
import { kernel } from "../kernel.ts";
import { checkLabels, checkLogits } from "./rows.ts";

/** Which place of the order, from 1 for the largest logit. */
export interface RankParams {
  readonly rank: number;
}

/** y[n] = the class of the rank-th largest logit. Inputs: logits, [labels to skip]. */
export const rankedClassOp: Op<RankParams> = {
  name: "ranked_class",

  infer([logits, labels], { rank }) {
    const purpose = "rank classes";
    checkLogits(purpose, logits!);
    if (labels) checkLabels(purpose, { logits: logits!, labels });
    const [rows, columns] = logits!.shape as [number, number];
    const most = columns - (labels ? 1 : 0);
    if (!Number.isInteger(rank) || rank < 1 || rank > most) {
      throw new RangeError(
        `Cannot rank classes: expected a rank from 1 to ${most} but found ${rank}`,
      );
    }
    return [{ dtype: "u32", shape: [rows] }];
  },

  lower({ inputs: [logits, labels], outputs: [y] }, { rank }) {
    const [rows, columns] = logits!.shape as [number, number];
    return [{
      label: `ranked class ${rank} (${rows}, ${columns})`,
      kernel: kernel("ranked_class"),
      // Without labels to skip, the kernel does not read the second binding.
      reads: [logits!, labels ?? logits!],
      writes: [y!],
      arguments: { rows, columns, rank, skip_label: labels ? 1 : 0 },
      workgroups: linearGrid(sizeOf(logits!.shape), 64),
    }];
  },
};

/** Where in the order to look. */
export interface RankOptions extends RankParams {
  /** Classes, u32 (N), that take no place in the order. */
  readonly except?: Operand;
}

/**
 * The class of the rank-th largest logit of each row, u32 (N); of equal logits the
 * first is the larger one. It has no derivative.
 *
 * @param logits Logits (N, C).
 * @throws {RangeError} unless the rank is from 1 to the number of classes in order.
 */
export function rankedClass(
  logits: Operand,
  { rank, except }: RankOptions,
): Tensor {
  const inputs = except ? [logits, except] : [logits];
  return applyOne(rankedClassOp, inputs, { rank });
}
