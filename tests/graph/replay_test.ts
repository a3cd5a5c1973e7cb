// A program is replayed thousands of times, so what must carry over from run to run
// does, and what must not does not.

import { assertEquals } from "@std/assert";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { detach, Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { increment } from "../../src/ops/counter.ts";
import { fill } from "../../src/ops/fill.ts";
import { grad } from "../../src/ops/grad.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { accumulate } from "../../src/ops/metrics.ts";
import {
  add,
  addScalar,
  mulScalar,
  multiply,
  square,
} from "../../src/ops/pointwise.ts";
import { uniform } from "../../src/ops/random/random.ts";
import { sum } from "../../src/ops/reduce/reduce.ts";
import { sgd } from "../../src/ops/sgd.ts";
import { store } from "../../src/ops/store.ts";
import * as sequence from "../../src/base/random_sequence.ts";
import { testDevice } from "../support/check_op.ts";
import { checkReplay } from "../support/replay.ts";

Deno.test("Plan.run() of a step of descent follows the same curve for ten runs", async () => {
  const graph = new Graph();
  const [w, v, g] = ["w", "v", "g"].map((name) => new Variable(name, [4]));
  const rate = new Variable("rate", []);
  const loss = sum(square(addScalar(graph.read(w!), -1)));
  store(grad(loss, [w!])[0]!, g!);
  const state = { parameters: w!, gradients: g!, velocity: v! };
  sgd({ ...state, learningRate: graph.read(rate) }, {
    momentum: 0.9,
    weightDecay: 0.01,
  });
  await checkReplay(graph, {
    given: [[w!, [3, -1, 0, 10]], [rate, [0.05]]],
    results: [w!, v!, g!],
    runs: 10,
    tolerance: 1e-5, // Ten steps of rounding, each about 1e-7.
  });
});

Deno.test("Plan.run() applies updates in the order traced, run after run", async () => {
  const graph = new Graph();
  const [x, y] = [new Variable("x", [4]), new Variable("y", [4])];
  store(mulScalar(graph.read(x), 2), x);
  store(add(graph.read(x), graph.read(y)), x);
  store(addScalar(graph.read(x), -1), y);
  store(mulScalar(graph.read(x), 0.5), x);
  await checkReplay(graph, {
    given: [[x, [1, 2, 3, 4]], [y, [0, 1, 0, -1]]],
    results: [x, y],
    runs: 5,
  });
});

Deno.test("Plan.run() starts every run with states that are set anew", async () => {
  const graph = new Graph();
  const [x, total] = [new Variable("x", [4]), new Variable("total", [4])];
  const state = graph.state("state", [4]);
  store(fill(graph, { shape: [4], value: 1 }), state);
  graph.repeat(3, () => {
    store(add(graph.read(state), graph.read(x)), state);
  });
  store(add(graph.read(total), graph.read(state)), total);
  await checkReplay(graph, {
    given: [[x, [1, 2, 3, 4]]],
    results: [total],
    runs: 4,
  });
});

Deno.test("Plan.run() keeps what a loop reads alive in all its iterations", async () => {
  const graph = new Graph();
  const [m, x] = [new Variable("m", [8, 8]), new Variable("x", [8, 8])];
  // Invariant: runs before the loop, whose many temporaries want its buffer.
  const before = matmul(graph.read(m), graph.read(m));
  const iterate = graph.state("iterate", [8, 8]);
  store(graph.read(x), iterate);
  graph.repeat(5, () => {
    let y = graph.read(iterate);
    for (let i = 0; i < 6; i++) y = mulScalar(matmul(y, m), 0.5);
    store(add(y, before), iterate);
  });
  store(graph.read(iterate), x);
  const values = (phase: number) =>
    Array.from({ length: 64 }, (_, i) => 0.3 * Math.sin(phase + i));
  await checkReplay(graph, {
    given: [[m, values(1)], [x, values(2)]],
    results: [x],
    runs: 2,
  });
});

Deno.test("Plan.run() draws other numbers in every run and iteration, the host's", async () => {
  const device = await testDevice();
  const step = new Variable("step", [], "u32");
  const count = new Variable("count", [], "u32");
  const out = new Variable("out", [3 * 64]);
  const graph = new Graph();
  const index = graph.state("index", [], "u32");
  store(fill(graph, { shape: [], value: 0, dtype: "u32" }), index);
  const slices = [0, 1, 2].map((i) =>
    out.slice(`out ${i}`, 256 * i, { dtype: "f32", shape: [5] })
  );
  const key = { seed: 3, stream: "test", step: graph.read(step) };
  slices.forEach((slice) => {
    store(uniform({ ...key, substep: graph.read(index) }, [5]), slice);
    increment(graph, index);
  });
  increment(graph, count);
  using memory = new Memory(device);
  using plan = await Plan.bind(
    compile(graph, { ...device.adapter, name: "draws" }),
    memory,
  );
  for (const at of [0, 1, 2, 4294967295]) {
    memory.write(step, Uint32Array.of(at));
    plan.run();
    const found = await memory.read(slices);
    found.forEach((bytes, substep) => {
      const address = { seed: 3, stream: "test", step: at, substep };
      assertEquals(new Float32Array(bytes), sequence.uniform(address, 5));
    });
  }
  const [runs] = await memory.read([count]);
  assertEquals(new Uint32Array(runs!)[0], 4);
});

Deno.test("Plan.run() of two plans shares the variables that both name", async () => {
  const device = await testDevice();
  const [x, metrics] = [new Variable("x", [4]), new Variable("metrics", [2])];
  const training = new Graph();
  store(mulScalar(training.read(x), 2), x);
  const measuring = new Graph();
  accumulate(metrics, { slot: 1, value: sum(measuring.read(x)) });
  using memory = new Memory(device);
  const bind = (graph: Graph, name: string) =>
    Plan.bind(compile(graph, { ...device.adapter, name }), memory);
  using train = await bind(training, "training");
  using measure = await bind(measuring, "measuring");
  memory.write(x, Float32Array.of(1, 2, 3, 4));
  for (let step = 0; step < 3; step++) {
    train.run();
    measure.run();
  }
  const [bytes] = await memory.read([metrics]);
  assertEquals(new Float32Array(bytes!), Float32Array.of(0, 20 + 40 + 80));
});

Deno.test("detach() costs nothing and changes no value", async () => {
  const graph = new Graph();
  const [x, y, dx] = ["x", "y", "dx"].map((name) => new Variable(name, [4]));
  const value = square(graph.read(x!));
  const product = multiply(detach(value), value);
  store(product, y!);
  store(grad(product, [x!])[0]!, dx!);
  const { program, found } = await checkReplay(graph, {
    given: [[x!, [1, -2, 3, 4]]],
    results: [y!, dx!],
  });
  assertEquals(found, [[1, 16, 81, 256], [2, -16, 54, 128]]);
  const labels = program.blocks.flatMap(({ dispatches }) =>
    dispatches.map(({ label }) => label)
  );
  assertEquals(labels.filter((label) => label === "square").length, 1);
});
