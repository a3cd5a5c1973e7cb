// Sums that a run keeps on the device, such as losses and counts of correct
// predictions, so that nothing is read back inside a step. The host reads them
// every few steps, and sets them to zero by writing zeros.

import { apply, type Op } from "../graph/graph.ts";
import {
  formatType,
  sizeOf,
  type Tensor,
  type Variable,
} from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";

/** Which element of the metrics to add to. */
export interface AccumulateParams {
  readonly slot: number;
}

/** metrics[slot] += the sum of value. Inputs: metrics, value. */
export const accumulateOp: Op<AccumulateParams> = {
  name: "accumulate",
  updates: [0],

  infer([metrics, value], { slot }) {
    if (metrics!.dtype !== "f32" || value!.dtype !== "f32") {
      throw new TypeError(
        `Cannot accumulate: expected f32 but found ${formatType(value!)} for ${
          formatType(metrics!)
        }`,
      );
    }
    const slots = sizeOf(metrics!.shape);
    if (!Number.isInteger(slot) || slot < 0 || slot >= slots) {
      throw new RangeError(
        `Cannot accumulate: expected a slot from 0 to ${
          slots - 1
        } but found ${slot}`,
      );
    }
    return [];
  },

  lower: ({ inputs: [metrics, value] }, { slot }) => [{
    label: `accumulate ${slot}`,
    kernel: kernel("accumulate"),
    reads: [value!],
    writes: [metrics!],
    arguments: { size: sizeOf(value!.shape), slot },
    workgroups: [1, 1, 1],
  }],
};

/**
 * Adds the sum of a value's elements to one of the metrics. Counts stay exact up to
 * 2^24 = 16,777,216.
 */
export function accumulate(
  metrics: Variable,
  { slot, value }: { readonly slot: number; readonly value: Tensor },
): void {
  apply(accumulateOp, [metrics, value], { slot });
}
