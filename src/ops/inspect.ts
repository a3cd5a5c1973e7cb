// A look at values inside of a graph, for debugging: a tensor gets a name and, in the
// graphs of those who ask, is copied to a variable under that name. In all other graphs
// a name costs nothing, and nothing changes.

import type { Graph } from "../graph/graph.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import { cast } from "./cast.ts";
import { store } from "./store.ts";

/** The named tensors of the graphs that are looked into. */
const named = new WeakMap<Graph, Map<string, Variable>>();

/** Collects the tensors of a graph that are named from now on, as they are traced. */
export function collectInspected(
  graph: Graph,
): ReadonlyMap<string, Variable> {
  const found = new Map<string, Variable>();
  named.set(graph, found);
  return found;
}

/**
 * Names a tensor, so that `Classifier.inspect` gives its values, and returns it. Where a
 * name comes again (an attack forwards a network, too), a number follows it; in a loop,
 * the last iteration counts.
 */
export function inspect(x: Tensor, name: string): Tensor {
  const found = named.get(x.graph);
  if (found) {
    let unique = name;
    for (let nth = 2; found.has(unique); nth++) unique = `${name} ${nth}`;
    const value = x.dtype === "f16" ? cast(x, "f32") : x;
    const variable = new Variable(unique, value.shape, value.dtype);
    found.set(unique, variable);
    store(value, variable);
  }
  return x;
}
