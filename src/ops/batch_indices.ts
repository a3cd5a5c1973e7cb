// The indices of a batch's images in the training split. Methods use them to address what
// they keep for each image, such as the rows of a memory bank.

import { linearGrid } from "../gpu/program.ts";
import { applyOne, type Op } from "../graph/graph.ts";
import { formatType, sizeOf, type Tensor } from "../graph/tensor.ts";
import type { GatherSource } from "./gather_augment.ts";
import { kernel } from "./kernel.ts";

/** How many images a batch has. */
export interface BatchIndicesParams {
  readonly batch: number;
}

/** indices[n] = order[position + n]. Inputs: order, position. */
export const batchIndicesOp: Op<BatchIndicesParams> = {
  name: "batch_indices",

  infer([order, position], { batch }) {
    const wrong = [order!, position!].find(({ dtype }) => dtype !== "u32");
    if (wrong || batch > sizeOf(order!.shape)) {
      throw new TypeError(
        `Cannot index a batch: expected an order u32 of at least ${batch} ` +
          `images but found ${formatType(wrong ?? order!)}`,
      );
    }
    return [{ dtype: "u32", shape: [batch] }];
  },

  lower: ({ inputs, outputs }, { batch }) => [{
    label: `indices of ${batch} images`,
    kernel: kernel("batch_indices"),
    reads: inputs,
    writes: outputs,
    arguments: { batch },
    workgroups: linearGrid(batch, 64),
  }],
};

/**
 * The places in their split of the images that `gatherAugment` takes, u32 (N). No
 * two are equal, unless the order ends before the batch does.
 */
export function batchIndices(
  { order, position }: Pick<GatherSource, "order" | "position">,
  { batch }: BatchIndicesParams,
): Tensor {
  return applyOne(batchIndicesOp, [order, position], { batch });
}
