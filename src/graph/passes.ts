// The passes of the compiler over a graph. They decide which nodes run, and in which order:
//
//   deadCode  keeps what the updates of persistent variables need
//   fuse      merges operations with their consumers (`fuse.ts`)
//   expand    replaces operations by others that suit the device (`expand.ts`)
//   hoist     moves nodes that do not change out of loops, to run once before them
//   cse       computes equal expressions once (common subexpression elimination)
//
// `hoist` moves TRADES' clean logits, folded batch norms and packed weights out of an
// attack's loop, without any code for them in the attack.

import type { Target } from "../gpu/device.ts";
import { expand } from "./expand.ts";
import { fuse } from "./fuse.ts";
import { attached, type Graph, type Loop, type Node } from "./graph.ts";
import { overlaps, type Tensor, Variable } from "./tensor.ts";

/** A node to run, with the inputs that it has after equal values were merged. */
export interface Step {
  readonly node: Node;
  readonly inputs: readonly Tensor[];
}

/** Steps that run in order, `repeat` times; they become a block of the program. */
export interface StepBlock {
  readonly repeat: number;
  readonly steps: readonly Step[];
}

/** The steps that a graph needs on a target, in order. */
export function optimize(graph: Graph, target: Required<Target>): StepBlock[] {
  return cse(hoist(expand(fuse(deadCode(graph)), target)));
}

/** Nodes that a persistent update depends on, in trace order. */
export function deadCode(graph: Graph): Node[] {
  const order = new Map(graph.nodes.map((node, i) => [node, i]));
  const writers = writersOf(graph);
  const live = new Set<Node>();
  const pending = graph.nodes.filter((node) =>
    updated(node).some(({ root }) => !graph.states.has(root))
  );
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const { source } of node.inputs) {
      if (!(source instanceof Variable)) pending.push(source);
      else {
        pending.push(
          ...(writers.get(source.root) ?? []).filter((writer) =>
            updated(writer).some((variable) => overlaps(variable, source)) &&
            (order.get(writer)! < order.get(node)! ||
              (node.loop !== null && writer.loop === node.loop))
          ),
        );
      }
    }
  }
  return graph.nodes.filter((node) => live.has(node));
}

/** The nodes that set each state of the run or a part of it. */
function writersOf({ nodes, states }: Graph): Map<Variable, Node[]> {
  const writers = new Map([...states].map((state) => [state, [] as Node[]]));
  for (const node of nodes) {
    for (const { root } of updated(node)) writers.get(root)?.push(node);
  }
  return writers;
}

/** Splits nodes at loops, moving what is invariant in a loop before it. */
export function hoist(nodes: readonly Node[]): StepBlock[] {
  const blocks: { repeat: number; steps: Step[] }[] = [];
  for (let i = 0; i < nodes.length;) {
    const { loop } = nodes[i]!;
    let end = i;
    while (end < nodes.length && nodes[end]!.loop === loop) end++;
    const group = nodes.slice(i, end);
    const { invariant, varying } = loop
      ? splitInvariant(group, loop)
      : { invariant: group, varying: [] };
    const step = (node: Node): Step => ({
      node,
      inputs: node.inputs.map(attached),
    });
    const last = blocks.at(-1);
    if (last?.repeat === 1) last.steps.push(...invariant.map(step));
    else if (invariant.length) {
      blocks.push({ repeat: 1, steps: invariant.map(step) });
    }
    if (loop && varying.length) {
      // A block of one iteration is kept apart only where it repeats.
      blocks.push({ repeat: loop.count, steps: varying.map(step) });
    }
    i = end;
  }
  return blocks;
}

function splitInvariant(
  nodes: readonly Node[],
  loop: Loop,
): { invariant: Node[]; varying: Node[] } {
  const changing = nodes.flatMap((node) => updated(node));
  const varying = new Set<Node>();
  for (const node of nodes) {
    const varies = updated(node).length > 0 ||
      node.inputs.some(({ source }) =>
        source instanceof Variable
          ? changing.some((variable) => overlaps(variable, source))
          : source.loop === loop && varying.has(source)
      );
    if (varies) varying.add(node);
  }
  return {
    invariant: nodes.filter((node) => !varying.has(node)),
    varying: nodes.filter((node) => varying.has(node)),
  };
}

/** Merges nodes that compute the same from the same inputs. */
export function cse(blocks: readonly StepBlock[]): StepBlock[] {
  const replacement = new Map<Tensor, Tensor>();
  const ids = new Map<Tensor | Variable, number>();
  const known = new Map<string, Node>();
  // Reads of one version of a variable are equal wherever they were traced.
  const idOf = (tensor: Tensor): string => {
    const { source, index } = tensor;
    const owner = source instanceof Variable ? source : tensor;
    if (!ids.has(owner)) ids.set(owner, ids.size);
    return `${ids.get(owner)}@${index}`;
  };
  return blocks.map(({ repeat, steps }, block) => {
    const kept: Step[] = [];
    for (const { node, inputs: given } of steps) {
      const inputs = given.map((input) => replacement.get(input) ?? input);
      // Values that vary in a loop are equal only within the same loop.
      const scope = repeat > 1 ? block : "";
      const params = JSON.stringify(node.params, exactNumber);
      const key = [scope, node.op.name, params, ...inputs.map(idOf)].join();
      const same = updated(node).length ? undefined : known.get(key);
      if (same) {
        node.outputs.forEach((output, i) =>
          replacement.set(output, same.outputs[i]!)
        );
      } else {
        known.set(key, node);
        kept.push({ node, inputs });
      }
    }
    return { repeat, steps: kept };
  });
}

/** The variables that a node overwrites. */
export function updated({ op, inputs }: Node): Variable[] {
  return (op.updates ?? []).map((i) => inputs[i]!.source as Variable);
}

/** JSON writes NaN, infinities and -0 as other values; this keeps them apart. */
function exactNumber(_: string, value: unknown): unknown {
  return typeof value === "number" &&
      !(Number.isFinite(value) && !Object.is(value, -0))
    ? `number ${Object.is(value, -0) ? "-0" : value}`
    : value;
}
