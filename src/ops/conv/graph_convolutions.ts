// The convolutions that a graph needs on a target, before any of them is replaced by other
// operations: each pass and problem once, with how often a run computes it.

import type { Target } from "../../gpu/device.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { optimize } from "../../graph/passes.ts";
import type { ConvRequest } from "./algorithm.ts";
import {
  conv2dInputGradientOp,
  conv2dOp,
  conv2dWeightGradientOp,
} from "./conv2d.ts";
import { forwardOf, inputGradientOf, weightGradientOf } from "./params.ts";
import { type ConvPass, type ConvProblem, multiplyAddsOf } from "./problem.ts";

/** A pass of a convolution, and how often it is computed. */
export interface CountedConvolution extends ConvRequest {
  readonly half: boolean;
  readonly count: number;
}

/** What is convolved by an operation, by the operation's name. */
const CONVOLVED: ReadonlyMap<
  string,
  // deno-lint-ignore no-explicit-any -- each operation has parameters of its own
  { readonly pass: ConvPass; readonly of: (node: Node, params: any) => Sizes }
> = new Map([
  [conv2dOp.name, { pass: "forward", of: forwardOf }],
  [conv2dInputGradientOp.name, { pass: "input gradient", of: inputGradientOf }],
  [conv2dWeightGradientOp.name, {
    pass: "weight gradient",
    of: weightGradientOf,
  }],
]);

interface Sizes {
  readonly problem: ConvProblem;
}

/** The convolutions of a graph, in the order of the first of each. */
export function graphConvolutions(
  graph: Graph,
  target: Target,
): CountedConvolution[] {
  // The direct form replaces nothing.
  const plain = { subgroupSize: 0, shaderInt64: false, tuned: {}, ...target };
  const blocks = optimize(graph, { ...plain, algorithm: "direct" });
  const found = blocks.flatMap(({ repeat, steps }) =>
    steps.flatMap(({ node, inputs }) => {
      const { pass, of } = CONVOLVED.get(node.op.name) ?? {};
      if (!pass || !of) return [];
      const { problem } = of({ ...node, inputs }, node.params);
      const half = inputs[0]!.dtype === "f16";
      return [{ pass, problem, target, half, count: repeat }];
    })
  );
  return mergeConvolutions(found);
}

/** Equal convolutions as one, their counts added. */
export function mergeConvolutions(
  convolutions: readonly CountedConvolution[],
): CountedConvolution[] {
  const merged = new Map<string, CountedConvolution>();
  for (const one of convolutions) {
    const key = JSON.stringify([one.pass, one.half, one.problem]);
    const count = one.count + (merged.get(key)?.count ?? 0);
    merged.set(key, { ...one, count });
  }
  return [...merged.values()];
}

/** Multiply-adds of all of a convolution's computations. */
export function totalWork({ problem, count }: CountedConvolution): number {
  return multiplyAddsOf(problem) * count;
}
