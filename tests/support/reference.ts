// The specification: every operation as one plain function on float64 arrays, and
// an interpreter that runs a graph with them. Nothing here is fast, and nothing
// is shared with the kernels, so that agreement means something.
//
// Derivatives are checked by central differences of this interpreter, kernels by
// comparing a device's results with it.

import type { Graph, Node } from "../../src/graph/graph.ts";
import { attached } from "../../src/graph/graph.ts";
import {
  type Shape,
  sizeOf,
  type Tensor,
  Variable,
} from "../../src/graph/tensor.ts";
import { references } from "./references/mod.ts";

/** A value of the interpreter; a variable's data is its own, to be overwritten. */
export interface Value {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/**
 * One operation: outputs from inputs. An operation that updates variables writes
 * into the data of those inputs.
 */
export type Reference = (
  inputs: readonly Value[],
  // deno-lint-ignore no-explicit-any -- each operation has its own parameter type
  params: any,
  outputs: readonly Shape[],
) => readonly Float64Array[];

/** Contents of root variables; made of zeros when first asked for. */
export class ReferenceMemory {
  readonly #roots = new Map<Variable, Float64Array>();

  /** The data of a variable or slice, shared with its root. */
  data(variable: Variable): Float64Array {
    const { root, byteOffset } = variable;
    let data = this.#roots.get(root);
    if (!data) {
      data = new Float64Array(sizeOf(root.shape));
      this.#roots.set(root, data);
    }
    return data.subarray(
      byteOffset / 4,
      byteOffset / 4 + sizeOf(variable.shape),
    );
  }
}

/** Runs every node of a graph, loops included. */
export function interpret(
  graph: Pick<Graph, "nodes">,
  memory: ReferenceMemory,
): Map<Tensor, Float64Array> {
  const values = new Map<Tensor, Float64Array>();
  const { nodes } = graph;
  for (let i = 0; i < nodes.length;) {
    const { loop } = nodes[i]!;
    let end = i;
    while (end < nodes.length && nodes[end]!.loop === loop) end++;
    for (let repeat = loop?.count ?? 1; repeat > 0; repeat--) {
      for (const node of nodes.slice(i, end)) runNode(node, values, memory);
    }
    i = end;
  }
  return values;
}

function runNode(
  { op, inputs, params, outputs }: Node,
  values: Map<Tensor, Float64Array>,
  memory: ReferenceMemory,
): void {
  const reference = references[op.name];
  if (!reference) throw new Error(`No reference for ${op.name}`);
  const args = inputs.map((input): Value => ({
    shape: input.shape,
    data: input.source instanceof Variable
      ? memory.data(input.source)
      : values.get(attached(input))!,
  }));
  const results = reference(
    args,
    params,
    outputs.map(({ shape }) => shape),
  );
  outputs.forEach((output, i) => values.set(output, results[i]!));
}
