// Operations that other operations are run in place of. The pass is pure, so it is
// looked at without a device; that convolutions are computed right by every algorithm is
// tested in algorithms_test.ts.

import { assertEquals, assertThrows } from "@std/assert";
import { compile } from "../../src/graph/compile.ts";
import { expand } from "../../src/graph/expand.ts";
import { applyOne, detach, Graph, type Op } from "../../src/graph/graph.ts";
import { optimize } from "../../src/graph/passes.ts";
import { f32, type Tensor, Variable } from "../../src/graph/tensor.ts";
import { add, exp, negate } from "../../src/ops/pointwise.ts";
import type { PointwiseParams } from "../../src/ops/pointwise_op.ts";
import { store } from "../../src/ops/store.ts";

const GPU = {
  adapterClass: "gpu",
  subgroupSize: 0,
  shaderInt64: false,
  algorithm: "",
  tuned: {},
} as const;
const SOFTWARE = { ...GPU, adapterClass: "software" } as const;

/** Packs input 1, then joins input 0 with what was packed; nothing computes them. */
function op(name: string, expand?: Op["expand"]): Op {
  return {
    name,
    infer: ([x]) => [f32(x!.shape)],
    ...(expand ? { expand } : {}),
    lower: () => [],
  };
}

const pack = op("pack");
const join = op("join");
const product = op("product", ({ adapterClass, inputs: [x, w], apply }) => {
  if (adapterClass !== "gpu") return null;
  const packed = apply(pack, [w!], undefined);
  return apply(join, [x!, ...packed], undefined);
});

function variable(name: string, shape: readonly number[] = [4]): Variable {
  return new Variable(name, shape);
}

/** Names of operations; pointwise ones by their row. */
function names(graph: Graph, target: typeof GPU | typeof SOFTWARE): string[] {
  return optimize(graph, target).map(({ repeat, steps }) =>
    `${repeat}: ${
      steps.map(({ node: { op, params } }) =>
        op.name === "pointwise" ? (params as PointwiseParams).name : op.name
      ).join(" ")
    }`
  );
}

/** An attack: a state that is moved by products with weights that stay. */
function attack(): Graph {
  const graph = new Graph();
  const w = graph.read(variable("w"));
  const state = graph.state("x", [4]);
  store(graph.read(variable("start")), state);
  graph.repeat(10, () => {
    const x = graph.read(state);
    const y = applyOne(product, [x, w], undefined);
    const z = applyOne(product, [detach(exp(y)), w], undefined);
    store(negate(z), state);
  });
  store(graph.read(state), variable("found"));
  return graph;
}

Deno.test("expand() lets what is made of constant values leave a loop, once", () => {
  assertEquals(names(attack(), GPU), [
    "1: store pack",
    "10: join exp join negate store",
    "1: store",
  ]);
  assertEquals(names(attack(), SOFTWARE), [
    "1: store",
    "10: product exp product negate store",
    "1: store",
  ]);
});

Deno.test("expand() leaves the graph as it was traced, to be compiled again", () => {
  const graph = attack();
  const before = [...graph.nodes];
  compile(graph, { name: "first", ...GPU });
  assertEquals(graph.nodes, before);
  assertEquals(
    names(graph, SOFTWARE)[1],
    "10: product exp product negate store",
  );
});

Deno.test("expand() keeps the nodes that no expansion concerns", () => {
  const graph = new Graph();
  const x = graph.read(variable("x"));
  store(add(exp(x), negate(x)), variable("y"));
  const found = expand(graph.nodes, GPU);
  assertEquals(found.length, graph.nodes.length);
  found.forEach((node, i) => assertEquals(node === graph.nodes[i], true));
});

Deno.test("expand() keeps loop, region and direction of what it expands", () => {
  const graph = new Graph();
  const x = graph.read(variable("x"));
  let y: Tensor = x;
  graph.repeat(3, () => {
    y = graph.checkpoint(() =>
      graph.backward(() => applyOne(product, [x, x], undefined))
    );
  });
  const [node] = graph.nodes;
  store(y, variable("y"));
  const [packed, joined] = expand(graph.nodes, GPU);
  for (const made of [packed!, joined!]) {
    assertEquals(made.loop, node!.loop);
    assertEquals(made.region, node!.region);
    assertEquals(made.backward, true);
  }
});

Deno.test("expand() refuses an expansion with other outputs", () => {
  const wrong = op(
    "wrong",
    ({ inputs: [, w], apply }) => apply(pack, [w!], undefined),
  );
  const graph = new Graph();
  const x = graph.read(variable("x"));
  applyOne(wrong, [x, graph.read(variable("w", [2]))], undefined);
  assertThrows(
    () => expand(graph.nodes, GPU),
    TypeError,
    "Cannot expand wrong: expected outputs f32 (4) but found f32 (2)",
  );
});
