// Tensors with one value in every element.

import { linearGrid } from "../gpu/program.ts";
import { applyOne, type Graph, type Op } from "../graph/graph.ts";
import {
  type DType,
  type Shape,
  sizeOf,
  type Tensor,
} from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";

/** The shape to fill and the value of every element; f32 by default. */
export interface FillParams {
  readonly shape: Shape;
  readonly value: number;
  readonly dtype?: DType;
}

/** A tensor whose elements are all `value`. */
export const fillOp: Op<FillParams> = {
  name: "fill",
  infer: (_, { shape, dtype = "f32" }) => [{ shape, dtype }],
  lower: ({ outputs: [y] }, { shape, value, dtype = "f32" }) => [{
    label: `fill (${shape.join(", ")})`,
    kernel: kernel("fill"),
    reads: [],
    writes: [y!],
    arguments: { word: wordOf(value, dtype) },
    workgroups: linearGrid(sizeOf(shape), 64),
  }],
};

/** The bits of a number. */
function wordOf(value: number, dtype: DType): number {
  return dtype === "u32"
    ? value
    : new Uint32Array(Float32Array.of(value).buffer)[0]!;
}

/** A tensor whose elements are all `value`. */
export function fill(graph: Graph, params: FillParams): Tensor {
  return applyOne(fillOp, [], params, graph);
}
