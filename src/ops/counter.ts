// A number that counts on the device: the iteration of a loop, which addresses
// random numbers and indexes what differs between iterations.

import { apply, type Graph, type Op } from "../graph/graph.ts";
import { formatType, sizeOf, type Variable } from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";

/** counter += 1. */
export const incrementOp: Op = {
  name: "increment",
  updates: [0],

  infer([counter]) {
    if (counter!.dtype !== "u32" || sizeOf(counter!.shape) !== 1) {
      throw new TypeError(
        `Cannot increment: expected u32 () but found ${formatType(counter!)}`,
      );
    }
    return [];
  },

  lower: ({ inputs: [counter] }) => [{
    label: "increment",
    kernel: kernel("increment"),
    reads: [],
    writes: [counter!],
    workgroups: [1, 1, 1],
  }],
};

/** Adds 1 to a u32 scalar; after 4,294,967,295 comes 0. */
export function increment(graph: Graph, counter: Variable): void {
  apply(incrementOp, [counter], undefined, graph);
}
