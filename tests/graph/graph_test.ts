// What may be traced. A mistake that would compute with the wrong version of a
// variable must be refused while the graph is built: on the device it would only be
// a number that is wrong.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { apply, attached, detach, Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { increment } from "../../src/ops/counter.ts";
import { grad } from "../../src/ops/grad.ts";
import { add, mulScalar, negate } from "../../src/ops/pointwise.ts";
import { pointwiseOp } from "../../src/ops/pointwise_op.ts";
import { sgd } from "../../src/ops/sgd.ts";
import { store } from "../../src/ops/store.ts";

const f32 = (shape: readonly number[]) => ({ dtype: "f32", shape }) as const;

Deno.test("Graph.read() gives one tensor until the variable is overwritten", () => {
  const graph = new Graph();
  const x = new Variable("x", [4]);
  const before = graph.read(x);
  assert(graph.read(x) === before);
  store(negate(before), x);
  const after = graph.read(x);
  assert(after !== before && graph.read(x) === after);
});

Deno.test("Graph.append() refuses a value that has been overwritten since", () => {
  const graph = new Graph();
  const flat = new Variable("flat", [192]);
  const [a, b] = [
    flat.slice("a", 0, f32([64])),
    flat.slice("b", 256, f32([64])),
  ];
  const reads = new Map([flat, a, b].map((v) => [v, graph.read(v)]));
  const use = (variable: Variable) => negate(reads.get(variable)!);
  store(use(b), a);
  use(b);
  for (const stale of [a, flat]) {
    assertThrows(
      () => use(stale),
      TypeError,
      `Cannot pointwise: ${stale.name} has been overwritten since it was read`,
    );
  }
  const other = new Variable("other", [192]);
  store(graph.read(other), flat);
  assertThrows(() => use(b), TypeError, "b has been overwritten");
});

Deno.test("Graph.append() sees an update through another slice of the same bytes", () => {
  const graph = new Graph();
  const flat = new Variable("flat", [128]);
  const x = graph.read(flat.slice("x", 256, f32([64])));
  const namesake = flat.slice("again", 256, f32([32]));
  store(negate(graph.read(new Variable("y", [32]))), namesake);
  assertThrows(() => negate(x), TypeError, "x has been overwritten");
});

Deno.test("Graph.append() refuses stale values behind detach() too", () => {
  const graph = new Graph();
  const x = new Variable("x", [4]);
  const before = detach(graph.read(x));
  store(negate(before), x);
  assertThrows(() => negate(before), TypeError, "x has been overwritten");
});

Deno.test("Graph.append() keeps graphs apart", () => {
  const x = new Variable("x", [4]);
  const here = new Graph().read(x), there = new Graph().read(x);
  assertThrows(
    () => add(here, there),
    TypeError,
    "Cannot pointwise: expected inputs of one graph but found f32 (4) of another",
  );
});

Deno.test("Graph.append() refuses to update what is no variable", () => {
  const graph = new Graph();
  const x = graph.read(new Variable("x", []));
  assertThrows(
    () => apply(OVERWRITE, [negate(x)], undefined),
    TypeError,
    "Cannot overwrite: expected input 0 to be a variable",
  );
});

/** An operation that overwrites its input. */
const OVERWRITE = {
  name: "overwrite",
  updates: [0],
  infer: () => [],
  lower: () => [],
};

Deno.test("Graph.append() refuses to read and write one buffer", () => {
  const graph = new Graph();
  const flat = new Variable("flat", [128]);
  const [a, b] = [
    flat.slice("a", 0, f32([64])),
    flat.slice("b", 256, f32([64])),
  ];
  assertThrows(
    () => store(graph.read(a), b),
    TypeError,
    "Cannot store: expected a to be in another buffer than b, which is written",
  );
  const learningRate = graph.read(new Variable("learning rate", []));
  const velocity = new Variable("velocity", [128]);
  const state = { parameters: flat, gradients: flat, velocity, learningRate };
  assertThrows(
    () => sgd(state, { momentum: 0.9, weightDecay: 0 }),
    TypeError,
    "Cannot sgd: expected flat to be in another buffer than flat",
  );
  sgd({ ...state, gradients: new Variable("gradients", [128]) }, {
    momentum: 0.9,
    weightDecay: 0,
  });
});

Deno.test("Graph.state() makes a variable that has to be set before it is read", () => {
  const graph = new Graph();
  const x = graph.read(new Variable("x", [64]));
  const state = graph.state("iterate", [64]);
  const count = graph.state("count", [], "u32");
  assertThrows(
    () => negate(graph.read(state)),
    TypeError,
    "Cannot pointwise: iterate has not been set in this run",
  );
  assertThrows(
    () => increment(graph, count),
    TypeError,
    "Cannot increment: count has not been set in this run",
  );
  store(x, state);
  negate(graph.read(state));
});

Deno.test("Graph.state() may be set in parts", () => {
  const graph = new Graph();
  const x = graph.read(new Variable("x", [64]));
  const state = graph.state("gradients", [128]);
  const part = state.slice("part", 256, f32([64]));
  assertThrows(
    () => negate(graph.read(part)),
    TypeError,
    "part has not been set",
  );
  store(x, part);
  negate(graph.read(part));
  negate(graph.read(state));
});

Deno.test("Graph.repeat() refuses loops in loops and counts that are none", () => {
  const graph = new Graph();
  assertThrows(
    () => graph.repeat(2, () => graph.repeat(2, () => {})),
    TypeError,
    "Cannot trace a loop inside a loop",
  );
  for (const count of [-1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => graph.repeat(count, () => {}),
      RangeError,
      `Cannot repeat: expected a whole number of iterations but found ${count}`,
    );
  }
  graph.repeat(0, () => assert(false, "a loop of no iterations is not traced"));
  // A body that throws leaves no loop open.
  assertThrows(() => graph.repeat(1, () => assert(false)));
  const outside = negate(graph.read(new Variable("x", [])));
  assert(!(outside.source instanceof Variable));
  assertEquals(outside.source.loop, null);
});

Deno.test("Graph.repeat() refuses values read before it from what its body overwrites", () => {
  for (const before of [(x: Tensor) => x, detach]) {
    const graph = new Graph();
    const x = new Variable("x", [4]);
    const start = before(graph.read(x));
    assertThrows(
      () => graph.repeat(3, () => store(negate(start), x)),
      TypeError,
      "Cannot pointwise in a loop: x was read before the loop, which overwrites it",
    );
  }
});

Deno.test("Graph.repeat() lets a body read what it overwrites, and constants from before", () => {
  const graph = new Graph();
  const [x, y] = [new Variable("x", [4]), new Variable("y", [4])];
  const [outer, constant] = [graph.read(x), graph.read(y)];
  const start = mulScalar(outer, 1);
  graph.repeat(3, () => {
    store(add(add(graph.read(x), constant), start), x);
  });
  assert(graph.read(y) === constant, "a read outside stays the same tensor");
  assert(graph.read(x) !== outer);
});

Deno.test("Graph.repeat() leaves a forward pass before it differentiable after it", () => {
  const graph = new Graph();
  const [w, x] = [new Variable("w", [4]), new Variable("x", [4])];
  const loss = mulScalar(graph.read(w), 3);
  graph.repeat(2, () => store(add(graph.read(x), graph.read(w)), x));
  const [gradient] = grad(loss, [w]);
  assert(!(gradient!.source instanceof Variable));
  assertEquals(gradient!.source.op, pointwiseOp, "not a constant 0");
});

Deno.test("apply() needs a tensor or a graph", () => {
  const x = new Variable("x", [4]);
  assertThrows(
    () => negate(x),
    TypeError,
    "Cannot pointwise: expected a tensor or a graph",
  );
});

Deno.test("attached() finds what a value was detached from", () => {
  const x = new Graph().read(new Variable("x", [4]));
  const y = negate(x);
  assert(detach(y) !== y && attached(detach(detach(y))) === y);
});
