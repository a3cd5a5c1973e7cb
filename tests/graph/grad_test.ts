// Differentiation by the walk over the graph: the rules of single operations are
// tested with the operations, here it is how they are joined.

import { assertEquals, assertThrows } from "@std/assert";
import { applyOne, detach, Graph, type Op } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { grad } from "../../src/ops/grad.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { add, less, multiply, square } from "../../src/ops/pointwise.ts";
import { sum } from "../../src/ops/reduce/reduce.ts";
import { interpret, ReferenceMemory } from "../support/reference.ts";

const X = [3, -2, 1, 4], Y = [5, 7, -6, 2];

const ZEROS = [0, 0, 0, 0];

/** Gradients of what `build` makes of x and y, on float64. */
function gradients(
  build: (x: Tensor, y: Tensor) => { of: Tensor; wrt?: readonly Tensor[] },
): number[][] {
  const graph = new Graph();
  const variables = [new Variable("x", [2, 2]), new Variable("y", [2, 2])];
  const [x, y] = variables.map((variable) => graph.read(variable));
  const { of, wrt = [x!, y!] } = build(x!, y!);
  const found = grad(of, wrt);
  const memory = new ReferenceMemory();
  [X, Y].forEach((values, i) => memory.data(variables[i]!).set(values));
  const results = interpret(graph, memory);
  return found.map((tensor) => [...results.get(tensor)!]);
}

Deno.test("grad() adds what reaches a value along several ways", () => {
  // (x y + x)(x y) = x² y² + x² y, where x y is computed once.
  const found = gradients((x, y) => {
    const product = multiply(x, y);
    return { of: multiply(add(product, x), product) };
  });
  assertEquals(found, [
    X.map((x, i) => 2 * x * Y[i]! ** 2 + 2 * x * Y[i]!),
    X.map((x, i) => 2 * x * x * Y[i]! + x * x),
  ]);
});

Deno.test("grad() hands a sum's cotangent on without a pass over it", () => {
  const graph = new Graph();
  const [x, y] = ["x", "y"].map((name) => graph.read(new Variable(name, [4])));
  const product = multiply(x!, y!);
  const before = graph.nodes.length;
  grad(sum(square(add(product, x!))), [x!]);
  const added = graph.nodes.slice(before).flatMap(({ params }) =>
    (params as { name?: string }).name ?? []
  );
  // The sum and the square forward, the square and both factors backward, and the
  // addition of what reaches x along two ways.
  assertEquals(added, [
    "add",
    "square",
    "square",
    "multiply",
    "multiply",
    "add",
  ]);
});

Deno.test("grad() counts an operand that is used twice in one operation", () => {
  assertEquals(
    gradients((x) => ({ of: multiply(x, x) })),
    [X.map((x) => 2 * x), ZEROS],
  );
});

Deno.test("grad() differentiates by intermediate values and by the value itself", () => {
  const found = gradients((x, y) => {
    const inner = multiply(x, y);
    const of = square(inner);
    return { of, wrt: [inner, of, x] };
  });
  const inner = X.map((x, i) => x * Y[i]!);
  assertEquals(found, [
    inner.map((z) => 2 * z),
    [1, 1, 1, 1],
    inner.map((z, i) => 2 * z * Y[i]!),
  ]);
});

Deno.test("grad() stops at detach() and goes on around it", () => {
  assertEquals(
    gradients((x, y) => ({ of: multiply(add(detach(x), x), detach(y)) })),
    [Y, ZEROS],
  );
  assertEquals(
    gradients((x, y) => ({ of: square(detach(multiply(x, y))) })),
    [ZEROS, ZEROS],
  );
  // What was detached may itself be what is differentiated by.
  const byDetached = gradients((x, y) => {
    const cut = detach(multiply(x, y));
    return { of: square(cut), wrt: [cut, x] };
  });
  assertEquals(byDetached, [X.map((x, i) => 2 * x * Y[i]!), ZEROS]);
});

Deno.test("grad() can be applied to what it gives", () => {
  // The gradient of the sum of x x is J x' + x' J, for J all ones; that of its
  // sum is 4 everywhere.
  const found = gradients((x) => {
    const [first] = grad(matmul(x, x), [x]);
    return { of: sum(first!), wrt: [x] };
  });
  assertEquals(found, [[4, 4, 4, 4]]);
});

Deno.test("grad() is zero where nothing depends on a value", () => {
  assertEquals(
    gradients((x, y) => ({ of: less(x, y) })),
    [ZEROS, ZEROS],
  );
  assertEquals(gradients((x) => ({ of: square(x) }))[1], ZEROS);
});

Deno.test("grad() takes a variable for its current value", () => {
  const graph = new Graph();
  const x = new Variable("x", [4]);
  const [found] = grad(square(graph.read(x)), [x]);
  const memory = new ReferenceMemory();
  memory.data(x).set(X);
  const results = interpret(graph, memory);
  assertEquals([...results.get(found!)!], X.map((v) => 2 * v));
});

/** An operation whose derivative is of another shape, if it has one. */
function oneOutput(name: string, vjp?: Op["vjp"]): Op {
  return {
    name,
    infer: ([x]) => [x!],
    lower: () => [],
    ...(vjp ? { vjp } : {}),
  };
}

Deno.test("grad() refuses an operation without derivative, where it is on the way", () => {
  const graph = new Graph();
  const [x, y] = ["x", "y"].map((name) => graph.read(new Variable(name, [4])));
  const rigid = applyOne(oneOutput("rigid"), [x!], undefined);
  assertThrows(
    () => grad(multiply(rigid, y!), [x!]),
    TypeError,
    "Cannot differentiate through rigid: it has no derivative",
  );
  grad(multiply(rigid, y!), [y!]);
  grad(multiply(detach(rigid), x!), [x!]);
});

Deno.test("grad() refuses a rule whose cotangent does not fit the input", () => {
  const graph = new Graph();
  const x = graph.read(new Variable("x", [4]));
  const wrong = oneOutput("wrong", (_, [dy]) => [sum(dy!)]);
  assertThrows(
    () => grad(applyOne(wrong, [x], undefined), [x]),
    TypeError,
    "Cannot differentiate wrong: expected a cotangent f32 (4) but found f32 ()",
  );
});
