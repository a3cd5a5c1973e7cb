// Fusion: where only one operation reads a value, the operation that produces it may
// compute its consumer as well, and the value between them is never stored. For example,
// the input gradient of a convolution adds another cotangent and applies a ReLU's mask as
// it writes.
//
// `Op.fusions` lists what a producer can compute; this pass makes sure that nothing else
// reads the value between, and that the other inputs exist before the producer runs.

import { attached, type Node, nodeWith } from "./graph.ts";
import { type Tensor, Variable } from "./tensor.ts";

/** The nodes after fusion. */
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
    const found = fusionOf(node, { places, uses });
    if (found) {
      fused[places.get(found.producer)!] = found.node;
      places.set(found.node, places.get(found.producer)!);
    } else {
      places.set(node, fused.push(node) - 1);
    }
    const { outputs } = found?.node ?? node;
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

/** The producer of one of a node's inputs, and the node that computes both. */
function fusionOf(
  node: Node,
  { places, uses }: {
    readonly places: ReadonlyMap<Node, number>;
    readonly uses: ReadonlyMap<Tensor, number>;
  },
): { readonly producer: Node; readonly node: Node } | null {
  if (node.op.updates?.length) return null;
  const placeOf = ({ source }: Tensor) =>
    source instanceof Variable ? Infinity : places.get(source)!;
  const values = node.inputs.map(attached);
  for (const input of values) {
    const { source: producer } = input;
    if (producer instanceof Variable || !producer.op.fusions) continue;
    const others = values.filter((other) => other !== input);
    const alone = uses.get(input) === 1 && producer.outputs.length === 1 &&
      producer.loop === node.loop && producer.region === node.region;
    if (!alone || others.some((other) => placeOf(other) >= placeOf(input))) {
      continue;
    }
    const fused = rewritten(producer, { node, at: values.indexOf(input) });
    if (fused) return { producer, node: fused };
  }
  return null;
}

/** A producer that computes the node which reads its output as input `at`. */
function rewritten(
  producer: Node,
  { node, at }: { readonly node: Node; readonly at: number },
): Node | null {
  for (const { consumer, rewrite } of producer.op.fusions ?? []) {
    if (consumer !== node.op) continue;
    const { inputs, params } = node;
    const fused = rewrite({ inputs, at, params }, producer.params);
    if (fused) {
      return nodeWith({
        ...producer,
        inputs: [...producer.inputs, ...fused.inputs],
        params: fused.params,
      }, node.outputs);
    }
  }
  return null;
}
