// A constant in every element.

import { linearGrid } from "../gpu/program.ts";
import { applyOne, type Graph, type Op } from "../graph/graph.ts";
import { f32, type Shape, sizeOf, type Tensor } from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";

/** The shape to fill and the value of every element. */
export interface FillParams {
  readonly shape: Shape;
  readonly value: number;
}

/** A tensor whose elements are all `value`. */
export const fillOp: Op<FillParams> = {
  name: "fill",
  infer: (_, { shape }) => [f32(shape)],
  lower: ({ outputs: [y] }, { shape, value }) => [{
    label: `fill (${shape.join(", ")})`,
    kernel: kernel("fill"),
    reads: [],
    writes: [y!],
    arguments: { value },
    workgroups: linearGrid(sizeOf(shape), 64),
  }],
};

/** A tensor whose elements are all `value`. */
export function fill(graph: Graph, params: FillParams): Tensor {
  return applyOne(fillOp, [], params, graph);
}
