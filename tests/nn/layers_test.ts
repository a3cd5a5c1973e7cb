// What a layer computes in which mode. Values against PyTorch are in
// networks_test.ts; here it is which statistics are used and which are moved.

import { assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import {
  BatchNorm2d,
  Conv2d,
  convNorm,
  Linear,
  type Mode,
} from "../../src/nn/layers.ts";
import {
  batchNormOp,
  runningStatisticsOp,
} from "../../src/ops/norm/batch_norm.ts";
import { store } from "../../src/ops/store.ts";
import { interpret, ReferenceMemory } from "../support/reference.ts";
import { rebuilt } from "../support/fixture.ts";

const SHAPE = [2, 3, 3, 4];
const X = Float64Array.from({ length: 72 }, (_, i) => Math.sin(i * i));

/** Output and statistics of a batch norm after one call in the given mode. */
function normalize(mode: Mode): { y: number[]; mean: number[]; graph: Graph } {
  const norm = new BatchNorm2d(4);
  const x = new Variable("x", SHAPE);
  const graph = new Graph();
  const y = norm.call(graph.read(x), { mode, relu: true });
  const memory = new ReferenceMemory();
  memory.data(x).set(X);
  for (const [name, variable] of Object.entries(norm)) {
    memory.data(variable).set(rebuilt(name, [4]));
  }
  const values = interpret(graph, memory);
  return {
    y: [...values.get(y)!],
    mean: [...memory.data(norm.running_mean)],
    graph,
  };
}

Deno.test("BatchNorm2d.call() in train-untracked mode is train mode without moving statistics", () => {
  const before = [...rebuilt("running_mean", [4])];
  const [train, batch, evaluated] =
    (["train", "train-untracked", "eval"] as const)
      .map(normalize);
  assertEquals(batch!.y, train!.y);
  assertEquals(batch!.mean, before);
  assertEquals(evaluated!.mean, before);
  // 0.9 of the old mean and 0.1 of the batch's.
  const means = [0, 1, 2, 3].map((channel) =>
    X.filter((_, i) => i % 4 === channel).reduce((a, b) => a + b) / 18
  );
  train!.mean.forEach((mean, channel) => {
    const expected = 0.9 * before[channel]! + 0.1 * means[channel]!;
    assertEquals(mean.toFixed(12), expected.toFixed(12));
  });
});

Deno.test("BatchNorm2d.call() in eval mode uses no statistics of the batch", () => {
  const used = (mode: Mode) =>
    normalize(mode).graph.nodes.map(({ op }) => op as unknown);
  assertEquals(used("eval").includes(batchNormOp), false);
  assertEquals(used("eval").includes(runningStatisticsOp), false);
  assertEquals(used("train-untracked").includes(runningStatisticsOp), false);
  assertEquals(used("train").includes(runningStatisticsOp), true);
});

Deno.test("convNorm() gives in every mode what its layers give one after the other", () => {
  for (const mode of ["train", "train-untracked", "eval"] as const) {
    const conv = new Conv2d([4, 4], { kernelSize: 3 });
    const norm = new BatchNorm2d(4);
    const x = new Variable("x", SHAPE);
    const graph = new Graph();
    const input = graph.read(x);
    const options = { mode, relu: true, residual: input };
    const apart = norm.call(conv.call(input), options);
    const joined = convNorm(input, { conv, norm }, options);
    const memory = new ReferenceMemory();
    memory.data(x).set(X);
    memory.data(conv.weight).set(rebuilt("conv.weight", [3, 3, 4, 4]));
    for (const [name, variable] of Object.entries(norm)) {
      memory.data(variable).set(rebuilt(name, [4]));
    }
    const values = interpret(graph, memory);
    const [expected, found] = [values.get(apart)!, values.get(joined)!];
    if (mode === "eval") {
      assertEquals(
        [...found].map((v) => v.toFixed(10)),
        [...expected].map((v) => v.toFixed(10)),
      );
    } else assertEquals(found, expected);
  }
});

Deno.test("Conv2d.call() and Linear.call() refuse inputs of another width", () => {
  const graph = new Graph();
  const image = graph.read(new Variable("x", [1, 8, 8, 3]));
  assertThrows(
    () => new Conv2d([4, 8], { kernelSize: 3 }).call(image),
    TypeError,
    "expected 4 input channels but found 3",
  );
  const rows = graph.read(new Variable("rows", [2, 5]));
  assertThrows(
    () => new Linear([4, 8]).call(rows),
    TypeError,
    "Cannot multiply matrices: expected equal inner sizes",
  );
});

Deno.test("Conv2d.call() keeps the size at stride 1 and halves it at stride 2", () => {
  const graph = new Graph();
  const x = graph.read(new Variable("x", [1, 8, 8, 3]));
  for (const kernelSize of [1, 3]) {
    for (const stride of [1, 2]) {
      const y = new Conv2d([3, 5], { kernelSize, stride }).call(x);
      assertEquals(y.shape, [1, 8 / stride, 8 / stride, 5]);
      store(y, new Variable("y", y.shape));
    }
  }
});
