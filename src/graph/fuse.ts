// Operations that take the next one in: where a value is only made for one other
// operation, its producer may compute that as well, and the value between them is
// never stored. A convolution's input gradient, for one, adds another cotangent and
// lets a ReLU's mask through where it writes anyway.
//
// Whether it can is for the producer to say; this pass sees to it that nothing else
// reads the value between, and that what is added exists before the producer runs.

import { attached, type Node, nodeWith } from "./graph.ts";
import { type Tensor, Variable } from "./tensor.ts";

/** The nodes with every one that another takes in left out. */
export function fuse(nodes: readonly Node[]): Node[] {
  const fused: Node[] = [];
  const places = new Map<Node, number>();
  const replaced = new Map<Tensor, Tensor>();
  const uses = usesOf(nodes);
  for (const original of nodes) {
    const inputs = original.inputs.map((input) =>
      replaced.get(attached(input)) ?? input
    );
    const same = inputs.every((input, i) => input === original.inputs[i]);
    const node = same
      ? original
      : nodeWith({ ...original, inputs }, original.outputs);
    const taken = takenIn(node, { places, uses });
    if (taken) {
      fused[places.get(taken.producer)!] = taken.node;
      places.set(taken.node, places.get(taken.producer)!);
    } else {
      places.set(node, fused.push(node) - 1);
    }
    const { outputs } = taken?.node ?? node;
    original.outputs.forEach((output, i) => {
      if (output === outputs[i]) return;
      replaced.set(output, outputs[i]!);
      uses.set(outputs[i]!, uses.get(output) ?? 0);
    });
  }
  return fused;
}

/** How often each value is read. */
function usesOf(nodes: readonly Node[]): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  for (const input of nodes.flatMap(({ inputs }) => inputs)) {
    const value = attached(input);
    uses.set(value, (uses.get(value) ?? 0) + 1);
  }
  return uses;
}

/** The producer of one of a node's inputs, and what computes both in its place. */
function takenIn(
  node: Node,
  { places, uses }: {
    readonly places: ReadonlyMap<Node, number>;
    readonly uses: ReadonlyMap<Tensor, number>;
  },
): { readonly producer: Node; readonly node: Node } | null {
  if (node.op.updates?.length) return null;
  const placeOf = ({ source }: Tensor) =>
    source instanceof Variable ? Infinity : places.get(source)!;
  for (const input of node.inputs.map(attached)) {
    const { source: producer } = input;
    if (producer instanceof Variable || !producer.op.fuse) continue;
    const others = node.inputs.map(attached).filter((other) => other !== input);
    const alone = uses.get(input) === 1 && producer.outputs.length === 1 &&
      producer.loop === node.loop && producer.segment === node.segment;
    if (!alone || others.some((other) => placeOf(other) >= placeOf(input))) {
      continue;
    }
    const taken = producer.op.fuse(
      { ...node, at: node.inputs.map(attached).indexOf(input) },
      producer.params,
    );
    if (!taken) continue;
    const inputs = [...producer.inputs, ...taken.inputs];
    const { params } = taken;
    return {
      producer,
      node: nodeWith({ ...producer, inputs, params }, node.outputs),
    };
  }
  return null;
}
