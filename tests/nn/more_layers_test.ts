// What networks of one's own are made of: functions against PyTorch, dropout, and how
// errors name layers.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { sizeOf, type Tensor, Variable } from "../../src/graph/tensor.ts";
import * as functional from "../../src/nn/functional.ts";
import { Conv2d, Linear, type Mode } from "../../src/nn/layers.ts";
import { Dropout, GroupNorm, LayerNorm } from "../../src/nn/more_layers.ts";
import { materialize, Module } from "../../src/nn/module.ts";
import { grad } from "../../src/ops/grad.ts";
import { sum } from "../../src/ops/reduce/reduce.ts";
import { assertClose } from "../support/check_op.ts";
import { readFixture } from "../support/read_fixture.ts";
import { runOnDevice, u32Scalar } from "../support/run_on_device.ts";

const FIXTURE = readFixture("layers");
const layerNorm = new LayerNorm(4);
const groupNorm = new GroupNorm(2, 4);
const windows = { kernelSize: 3, stride: 2, padding: 1 };
const FUNCTIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  sigmoid: functional.sigmoid,
  gelu: functional.gelu,
  max_pool: (x) => functional.maxPool2d(x, windows),
  avg_pool: (x) => functional.avgPool2d(x, windows),
  layer_norm: (x) => layerNorm.call(x),
  group_norm: (x) => groupNorm.call(x),
};

Deno.test("layers and functions compute what PyTorch computes, and its gradients", async () => {
  const given = (name: string) => Float32Array.from(FIXTURE.get(name)!.values);
  const x = new Variable("x", FIXTURE.get("x")!.shape);
  const dy = Object.keys(FUNCTIONS).map((name) =>
    new Variable(`dy of ${name}`, FIXTURE.get(`${name}/y`)!.shape)
  );
  const contents = [
    [x, given("x")] as const,
    ...dy.map((v) => [v, given("dy").subarray(0, sizeOf(v.shape))] as const),
    ...[layerNorm, groupNorm].flatMap(({ weight, bias }) => [
      [weight, given("weight")] as const,
      [bias, given("bias")] as const,
    ]),
  ];
  const found = await runOnDevice(
    contents,
    (graph) =>
      Object.values(FUNCTIONS).flatMap((function_, i) => {
        const at = graph.read(x);
        const y = function_(at);
        const loss = sum(functional.multiply(y, dy[i]!));
        return [y, ...grad(loss, [at])];
      }),
  );
  Object.keys(FUNCTIONS).forEach((name, i) => {
    ["y", "dx"].forEach((what, j) => {
      const key = `${name}/${what}`;
      assertClose(
        new Float32Array(found[2 * i + j]!),
        FIXTURE.get(key)!.values,
        { what: key, tolerance: 1e-6 },
      );
    });
  });
});

Deno.test("Dropout drops at its rate in training alone, each layer apart", async () => {
  const layers = materialize(new Dropping(), "student").module;
  const x = new Variable("x", [100, 100]);
  const step = u32Scalar("step", 3);
  const ones = new Float32Array(10_000).fill(1);
  const found = await runOnDevice([[x, ones], step], (graph) => {
    const random = { seed: 1, stream: "forward", step: graph.read(step[0]) };
    const drop = (layer: Dropout, mode: Mode) =>
      layer.call(graph.read(x), { mode, random });
    return [
      drop(layers.first, "train"),
      drop(layers.second, "train"),
      drop(layers.first, "eval"),
    ];
  });
  const [first, second, evaluated] = found.map((bytes) =>
    new Float32Array(bytes)
  );
  const kept = first!.filter((value) => value !== 0);
  // Four deviations of a binomial distribution.
  assert(Math.abs(kept.length - 7000) < 4 * Math.sqrt(2100), `${kept.length}`);
  assert(kept.every((value) => Math.abs(value - 1 / 0.7) < 1e-6));
  assert(first!.some((value, i) => value !== second![i]));
  assertEquals(evaluated, ones);
  assertThrows(
    () => layers.first.call(new Graph().read(x), { mode: "train" }),
    TypeError,
    "expected the random numbers that a network's call is given as its third",
  );
});

class Dropping extends Module {
  readonly first = new Dropout(0.3);
  readonly second = new Dropout(0.3);
}

class Block extends Module {
  readonly conv = new Conv2d([8, 4], { kernelSize: 3, bias: true });
}

class Nested extends Module {
  readonly blocks = [new Block()];
  readonly linear = new Linear([4, 3]);
}

Deno.test("shape errors name the layer by its path of fields", () => {
  const { blocks, linear } = materialize(new Nested(), "student").module;
  const x = new Graph().read(new Variable("x", [1, 5, 5, 3]));
  assertThrows(
    () => blocks[0]!.conv.call(x),
    TypeError,
    "Cannot convolve: expected 8 input channels but found 3 (x f32 (1, 5, 5, 3), " +
      "weight f32 (3, 3, 8, 4)) (in the layer blocks.0.conv)",
  );
  assertThrows(() => linear.call(x), TypeError, "(in the layer linear)");
  assertThrows(
    () => new Linear([4, 3]).call(x),
    TypeError,
    "(in the layer Linear)",
  );
});
