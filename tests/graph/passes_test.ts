// Which nodes run, and where. The passes are pure, so they are looked at without a
// device; that they keep results is tested in compile_test.ts.

import { assertEquals } from "@std/assert";
import { detach, Graph } from "../../src/graph/graph.ts";
import { deadCode, hoist, optimize } from "../../src/graph/passes.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { conv2d } from "../../src/ops/conv/conv2d.ts";
import { increment } from "../../src/ops/counter.ts";
import { fill } from "../../src/ops/fill.ts";
import { grad } from "../../src/ops/grad.ts";
import { add, clamp, exp, mulScalar, negate } from "../../src/ops/pointwise.ts";
import { uniform } from "../../src/ops/random/random.ts";
import { sum } from "../../src/ops/reduce/reduce.ts";
import { store } from "../../src/ops/store.ts";
import type { PointwiseParams } from "../../src/ops/pointwise_op.ts";
import type { Node } from "../../src/graph/graph.ts";

/** Names of nodes; pointwise ones by their row. */
function names(nodes: readonly Node[]): string[] {
  return nodes.map(({ op, params }) =>
    op.name === "pointwise" ? (params as PointwiseParams).name : op.name
  );
}

/** The schedule as names, a list for every block, loops with their count. */
function scheduled(graph: Graph): [repeat: number, names: string[]][] {
  const target = {
    adapterClass: "software",
    subgroupSize: 0,
    shaderInt64: false,
    algorithm: "",
    tuned: {},
  } as const;
  return optimize(graph, target).map(({ repeat, steps }) => [
    repeat,
    names(steps.map(({ node }) => node)),
  ]);
}

function variable(name: string, shape: readonly number[] = [4]): Variable {
  return new Variable(name, shape);
}

Deno.test("deadCode() drops what no variable depends on", () => {
  const graph = new Graph();
  const x = graph.read(variable("x"));
  exp(negate(x));
  store(mulScalar(negate(x), 2), variable("y"));
  assertEquals(names(deadCode(graph)), ["negate", "mulScalar", "store"]);
});

/** A convolutional loss, and which of its gradients are asked for. */
function lossGraph(wrt: readonly ("x" | "w" | "v")[]): Graph {
  const graph = new Graph();
  const x = graph.read(variable("x", [2, 8, 8, 3]));
  const w = graph.read(variable("w", [3, 3, 3, 4]));
  const v = graph.read(variable("v", [3, 3, 4, 5]));
  const loss = sum(conv2d(exp(conv2d(x, w)), v));
  const found = grad(loss, wrt.map((name) => ({ x, w, v })[name]));
  found.forEach((gradient, i) =>
    store(gradient, variable(`d${wrt[i]}`, gradient.shape))
  );
  return graph;
}

/** How many convolutions a graph runs, by pass. */
function convolutions(graph: Graph): Record<string, number> {
  const counts = {
    conv2d: 0,
    conv2d_input_gradient: 0,
    conv2d_weight_gradient: 0,
  };
  for (const name of names(deadCode(graph))) {
    if (name in counts) counts[name as keyof typeof counts]++;
  }
  return counts;
}

Deno.test("deadCode() drops weight gradients where only the input's is asked for", () => {
  assertEquals(convolutions(lossGraph(["x"])), {
    conv2d: 1, // The loss itself is not asked for, so the second forward goes.
    conv2d_input_gradient: 2,
    conv2d_weight_gradient: 0,
  });
  assertEquals(convolutions(lossGraph(["v"])), {
    conv2d: 1,
    conv2d_input_gradient: 0,
    conv2d_weight_gradient: 1,
  });
  assertEquals(convolutions(lossGraph(["w", "v"])), {
    conv2d: 1,
    conv2d_input_gradient: 1,
    conv2d_weight_gradient: 2,
  });
});

Deno.test("deadCode() keeps a state only where something persistent reads it", () => {
  const graph = new Graph();
  const x = graph.read(variable("x"));
  const [read, unread] = [graph.state("read", [4]), graph.state("unread", [4])];
  store(negate(x), read);
  store(exp(x), unread);
  store(add(graph.read(unread), x), unread);
  store(mulScalar(graph.read(read), 2), variable("y"));
  assertEquals(names(deadCode(graph)), [
    "negate",
    "store",
    "mulScalar",
    "store",
  ]);
});

Deno.test("deadCode() keeps what sets a state later in the same loop", () => {
  const graph = new Graph();
  const x = graph.read(variable("x"));
  const iterate = graph.state("iterate", [4]);
  store(x, iterate);
  graph.repeat(3, () => {
    const y = exp(graph.read(iterate));
    store(y, variable("y"));
    store(negate(y), iterate);
  });
  // This update comes after the last read.
  store(mulScalar(graph.read(iterate), 2), iterate);
  assertEquals(names(deadCode(graph)), [
    "store",
    "exp",
    "store",
    "negate",
    "store",
  ]);
});

Deno.test("deadCode() keeps what sets the part of a state that is read", () => {
  const graph = new Graph();
  const x = graph.read(variable("x"));
  const state = graph.state("state", [128]);
  const [first, second] = [0, 256].map((offset) =>
    state.slice(`at ${offset}`, offset, { dtype: "f32", shape: [4] })
  );
  store(negate(x), first!);
  store(exp(x), second!);
  store(graph.read(second!), variable("y"));
  assertEquals(names(deadCode(graph)), ["exp", "store", "store"]);
  store(graph.read(state), variable("whole", [128]));
  assertEquals(deadCode(graph).length, graph.nodes.length);
});

Deno.test("hoist() moves what does not change out of a loop", () => {
  const graph = new Graph();
  const x = graph.read(variable("x"));
  const iterate = graph.state("iterate", [4]);
  store(x, iterate);
  graph.repeat(7, () => {
    const constant = exp(negate(x));
    const varying = mulScalar(graph.read(iterate), 2);
    store(add(varying, constant), iterate);
  });
  store(graph.read(iterate), variable("y"));
  assertEquals(scheduled(graph), [
    [1, ["store", "negate", "exp"]],
    [7, ["mulScalar", "add", "store"]],
    [1, ["store"]],
  ]);
});

Deno.test("hoist() keeps in the loop what depends on an updated variable by any way", () => {
  const graph = new Graph();
  const flat = variable("flat", [128]);
  const slice = flat.slice("slice", 256, { dtype: "f32", shape: [4] });
  const other = flat.slice("other", 0, { dtype: "f32", shape: [4] });
  graph.repeat(2, () => {
    const ofRoot = sum(graph.read(flat));
    const ofOther = negate(graph.read(other));
    const detached = exp(detach(mulScalar(ofRoot, 2)));
    store(add(detached, ofOther), slice);
  });
  // What is read from another slice of the same root is invariant all the same.
  assertEquals(scheduled(graph), [
    [1, ["negate"]],
    [2, ["sum", "mulScalar", "exp", "add", "store"]],
  ]);
});

Deno.test("hoist() runs an update in every iteration, even of an invariant value", () => {
  const graph = new Graph();
  const x = graph.read(variable("x"));
  const count = new Variable("count", [], "u32");
  graph.repeat(5, () => {
    increment(graph, count);
    store(exp(x), variable("y"));
  });
  assertEquals(scheduled(graph), [[1, ["exp"]], [5, ["increment", "store"]]]);
});

Deno.test("hoist() leaves no loop where nothing varies", () => {
  const graph = new Graph();
  const x = graph.read(variable("x"));
  let y = x;
  graph.repeat(5, () => {
    y = exp(x);
  });
  store(y, variable("y"));
  assertEquals(
    hoist(deadCode(graph)).map(({ repeat, steps }) => [repeat, steps.length]),
    [[1, 2]],
  );
});

Deno.test("cse() computes equal expressions once", () => {
  const graph = new Graph();
  const x = graph.read(variable("x"));
  store(add(exp(negate(x)), exp(negate(x))), variable("y"));
  store(exp(negate(detach(x))), variable("z"));
  assertEquals(scheduled(graph), [
    [1, ["negate", "exp", "add", "store", "store"]],
  ]);
});

Deno.test("cse() tells parameters, order of inputs and versions apart", () => {
  const graph = new Graph();
  const [x, y] = [variable("x"), variable("y")];
  const infinite = (high: number) => clamp(graph.read(x), { low: 0, high });
  const fills = [Infinity, -Infinity, NaN].map((value) =>
    fill(graph, { shape: [4], value })
  );
  const values: Tensor[] = [
    ...fills,
    infinite(Infinity),
    infinite(-Infinity),
    mulScalar(graph.read(x), 1),
    mulScalar(graph.read(x), 2),
    add(graph.read(x), graph.read(y)),
    add(graph.read(y), graph.read(x)),
  ];
  store(negate(graph.read(x)), x);
  values.push(mulScalar(graph.read(x), 1));
  for (const value of values) store(value, variable("out"));
  const [[, found]] = scheduled(graph) as [[number, string[]]];
  assertEquals(found.length, graph.nodes.length);
});

Deno.test("cse() merges random numbers of one address, and of no other", () => {
  const graph = new Graph();
  const step = graph.read(new Variable("step", [], "u32"));
  const draw = (stream: string, seed = 1) =>
    uniform({ seed, stream, step }, [4]);
  for (const u of [draw("a"), draw("a"), draw("b"), draw("a", 2)]) {
    store(u, variable("u"));
  }
  const drawn = scheduled(graph)[0]![1].filter((name) => name === "uniform");
  assertEquals(drawn.length, 3);
});

Deno.test("cse() merges what leaves a loop with what was there before", () => {
  const graph = new Graph();
  const x = variable("x"), y = variable("y");
  store(exp(graph.read(x)), variable("before"));
  graph.repeat(3, () => {
    store(add(exp(graph.read(x)), graph.read(y)), y);
  });
  store(exp(graph.read(x)), variable("after"));
  assertEquals(scheduled(graph), [
    [1, ["exp", "store"]],
    [3, ["add", "store"]],
    [1, ["store"]],
  ]);
});

Deno.test("cse() never takes a value of before a loop for one inside", () => {
  const graph = new Graph();
  const iterate = graph.state("iterate", [4]);
  store(graph.read(variable("x")), iterate);
  store(exp(graph.read(iterate)), variable("first"));
  graph.repeat(3, () => {
    const y = exp(graph.read(iterate));
    store(add(y, exp(graph.read(iterate))), iterate);
  });
  store(graph.read(iterate), variable("last"));
  assertEquals(scheduled(graph), [
    [1, ["store", "exp", "store"]],
    [3, ["exp", "add", "store"]],
    [1, ["store"]],
  ]);
});

Deno.test("cse() never merges updates", () => {
  const graph = new Graph();
  const count = new Variable("count", [], "u32");
  increment(graph, count);
  increment(graph, count);
  const x = graph.read(variable("x")), y = variable("y");
  store(x, y);
  store(x, y);
  assertEquals(scheduled(graph)[0]![1].length, 4);
});
