// Reverse-mode differentiation on the graph: walk the nodes backwards, let each
// operation append the operations of its derivative, and add cotangents that meet.
//
// Derivatives are ordinary nodes, so they are shared, moved out of loops and
// dropped like any other. Asking only for the gradient with respect to an image
// therefore costs no weight gradient: nothing reads it, and it is not run.

import { attached, type Node } from "./graph.ts";
import { formatType, sameShape, type Tensor, Variable } from "./tensor.ts";

/** The two operations that differentiation itself needs. */
export interface CotangentAlgebra {
  /** The sum of two tensors of one type. */
  add(a: Tensor, b: Tensor): Tensor;
  /** A tensor of the same type, all elements `value`. */
  fill(like: Tensor, value: number): Tensor;
}

/**
 * Gradients of the sum of `of` with respect to each of `wrt`.
 *
 * @throws {TypeError} if the graph leads through an operation without derivative.
 */
export function reverse(
  of: Tensor,
  wrt: readonly Tensor[],
  algebra: CotangentAlgebra,
): Tensor[] {
  return of.graph.backward(() => walk(of, wrt, algebra));
}

function walk(
  of: Tensor,
  wrt: readonly Tensor[],
  algebra: CotangentAlgebra,
): Tensor[] {
  const { nodes } = of.graph;
  const active = reachedFrom(wrt, nodes);
  const cotangents = new Map<Tensor, Tensor>([[of, algebra.fill(of, 1)]]);
  // Derivatives are appended while walking, behind the last node visited here.
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    const outer = node.outputs.map((output) => cotangents.get(output) ?? null);
    if (!active.has(node) || outer.every((c) => c === null)) continue;
    const inner = vjpOf(node, outer, of);
    node.inputs.forEach((input, j) => {
      const cotangent = inner[j];
      if (!cotangent || !isActive(input, wrt, active)) return;
      const sum = cotangents.get(input);
      cotangents.set(input, sum ? algebra.add(sum, cotangent) : cotangent);
    });
  }
  return wrt.map((tensor) => cotangents.get(tensor) ?? algebra.fill(tensor, 0));
}

/** Nodes whose outputs depend on one of the tensors. */
function reachedFrom(
  wrt: readonly Tensor[],
  nodes: readonly Node[],
): Set<Node> {
  const active = new Set<Node>();
  for (const node of nodes) {
    if (node.inputs.some((input) => isActive(input, wrt, active))) {
      active.add(node);
    }
  }
  return active;
}

function isActive(
  tensor: Tensor,
  wrt: readonly Tensor[],
  active: ReadonlySet<Node>,
): boolean {
  if (wrt.includes(tensor)) return true;
  const { source } = tensor;
  return !(source instanceof Variable) && active.has(source) &&
    attached(tensor) === tensor;
}

function vjpOf(
  { op, inputs, outputs, params }: Node,
  cotangents: readonly (Tensor | null)[],
  { graph }: Tensor,
): readonly (Tensor | null)[] {
  if (!op.vjp) {
    throw new TypeError(
      `Cannot differentiate through ${op.name}: it has no derivative`,
    );
  }
  const inner = op.vjp({ inputs, outputs, graph }, cotangents, params);
  inner.forEach((cotangent, i) => {
    const input = inputs[i]!;
    if (cotangent && !fits(cotangent, input)) {
      throw new TypeError(
        `Cannot differentiate ${op.name}: expected a cotangent ${
          formatType(input)
        } but found ${formatType(cotangent)}`,
      );
    }
  });
  return inner;
}

/** Cotangents have their value's type, or are wider: sums for weights stay f32. */
function fits(cotangent: Tensor, value: Tensor): boolean {
  return sameShape(cotangent.shape, value.shape) &&
    (cotangent.dtype === value.dtype ||
      (cotangent.dtype === "f32" && value.dtype === "f16"));
}
