// Expansion: an operation may be replaced by others on a target, as its `expand` says. It
// is the first pass of the compiler that knows the device, and comes before values are
// moved out of loops.
//
// Operations that replace another may be replaced in turn.
//
// For example, a convolution becomes a transformation of its weights and a product with
// them. Weights do not change in an attack, so the transformation then moves before its
// loop, and equal transformations are shared. No pass knows what a convolution is.

import type { Target } from "../gpu/device.ts";
import { attached, type Expansion, type Node, nodeWith } from "./graph.ts";
import { formatType, type Tensor } from "./tensor.ts";

/**
 * The nodes with every expanded one replaced. Nodes that read an expanded value are
 * copied, so that the graph stays as it was traced.
 *
 * @throws {TypeError} if an expansion has other outputs than the operation.
 */
export function expand(
  nodes: readonly Node[],
  target: Required<Target>,
): Node[] {
  const replaced = new Map<Tensor, Tensor>();
  return nodes.flatMap((node) => {
    const inputs = node.inputs.map((input) =>
      replaced.get(attached(input)) ?? input
    );
    const same = inputs.every((input, i) => input === node.inputs[i]);
    const own = expansionOf({ ...node, inputs }, target);
    if (!own && same) return [node];
    const { nodes, outputs } = own ?? copyOf({ ...node, inputs });
    node.outputs.forEach((output, i) => replaced.set(output, outputs[i]!));
    return nodes;
  });
}

/** The nodes that replace one, and the values that replace its outputs. */
interface Replacement {
  readonly nodes: readonly Node[];
  readonly outputs: readonly Tensor[];
}

/** The expansion of a node; null where it has none. */
function expansionOf(
  node: Node,
  target: Required<Target>,
): Replacement | null {
  const nodes: Node[] = [];
  const apply: Expansion["apply"] = (op, inputs, params) => {
    const types = op.infer(inputs, params);
    const made = nodeWith({ ...node, op, inputs, params }, types);
    const own = expansionOf(made, target);
    nodes.push(...own?.nodes ?? [made]);
    return own?.outputs ?? made.outputs;
  };
  const { op, inputs, outputs, params } = node;
  const again: Expansion["again"] = (inputs) => apply(op, inputs, params);
  const io = { ...target, inputs, outputs, apply, again };
  const own = op.expand?.(io, params);
  if (!own) return null;
  const [expected, found] = [outputs, own].map((tensors) =>
    tensors.map(formatType).join(", ")
  );
  if (expected !== found) {
    throw new TypeError(
      `Cannot expand ${op.name}: expected outputs ${expected} but found ${found}`,
    );
  }
  return { nodes, outputs: own };
}

function copyOf(node: Node): Replacement {
  const copy = nodeWith(node, node.outputs);
  return { nodes: [copy], outputs: copy.outputs };
}
