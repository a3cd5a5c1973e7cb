// The last dispatch of a weight gradient: kernels add parts of the output pixels each,
// and this one adds the parts, in order, so that equal runs give equal bytes.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import type { Storage } from "../../graph/graph.ts";
import { kernel } from "../kernel.ts";

/** dw as the sum of partial sums (parts, weights), in order. */
export function sumOfParts(
  partial: Storage,
  dw: Storage,
  { parts, weights }: { readonly parts: number; readonly weights: number },
): Dispatch<Storage> {
  return {
    label: "conv2d weight gradient sum",
    kernel: kernel("reduce_sum", { constants: { Stored: "f32" } }),
    reads: [partial],
    writes: [dw],
    arguments: {
      outer: 1,
      reduced: parts,
      inner: weights,
      chunks: 1,
      chunk: parts,
      factor: 1,
    },
    workgroups: linearGrid(weights, 64),
  };
}
