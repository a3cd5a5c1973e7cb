// Where a network's state lives: names from fields, one flat variable for all
// parameters and one for all running statistics, and values that depend on nothing
// but the seed and the name.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Variable } from "../../src/graph/tensor.ts";
import { constant, values } from "../../src/nn/initializers.ts";
import {
  Buffer,
  countParameters,
  initialValues,
  materialize,
  Module,
  namedVariables,
  Parameter,
} from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";

class Leaf extends Module {
  readonly weight = new Parameter("weight", [3], values([1, 2, 3]));
  readonly mean = new Buffer("mean", [2], constant(7));
  readonly size = 3;
}

class Tree extends Module {
  readonly stem = new Leaf();
  readonly shortcut = null;
  readonly layer = [new Leaf(), new Leaf()] as const;
  readonly scratch = new Variable("scratch", [4]);
  readonly scale = new Parameter("scale", [], constant(0.5));
}

Deno.test("namedVariables() walks fields, modules and arrays in their order", () => {
  assertEquals([...namedVariables(new Tree()).keys()], [
    "stem.weight",
    "stem.mean",
    "layer.0.weight",
    "layer.0.mean",
    "layer.1.weight",
    "layer.1.mean",
    "scale",
  ]);
  assertEquals(countParameters(new Tree()), 10, "statistics are not counted");
});

Deno.test("materialize() lays parameters and buffers out apart", () => {
  const materialized = materialize(new Tree(), "tree");
  const { parameters, buffers, named, trainable } = materialized;
  assertEquals([parameters.name, buffers?.name], [
    "tree parameters",
    "tree buffers",
  ]);
  for (const [name, variable] of named) {
    const isParameter = variable instanceof Parameter;
    assert(variable.root === (isParameter ? parameters : buffers), name);
    assertEquals(trainable.has(name), isParameter);
    assertEquals(variable.byteOffset % 256, 0);
  }
  assertEquals(parameters.byteLength, 4 * 256);
  assertThrows(
    () => materialize(materialized.module, "again"),
    TypeError,
    "Cannot place weight: it is in tree parameters already",
  );
});

Deno.test("materialize() has no buffers where a module has none", () => {
  class Linear extends Module {
    readonly weight = new Parameter("weight", [2], constant(1));
  }
  assertEquals(materialize(new Linear(), "linear").buffers, null);
});

Deno.test("initialValues() puts every value at its place and zeros between", () => {
  const materialized = materialize(new Tree(), "tree");
  const start = initialValues(materialized, {
    flat: materialized.parameters,
    seed: 1,
  });
  const expected = new Float32Array(256);
  for (const first of [0, 64, 128]) expected.set([1, 2, 3], first);
  expected[192] = 0.5;
  assertEquals(start, expected);
  const means = initialValues(materialized, {
    flat: materialized.buffers!,
    seed: 1,
  });
  assertEquals([means[0], means[1], means[2], means[64]], [7, 7, 0, 7]);
});

Deno.test("initialValues() are a function of seed and names alone", () => {
  const start = (name: string, seed: number, classes = 10) => {
    const materialized = materialize(resnet8({ classes }), name);
    const flat = initialValues(materialized, {
      flat: materialized.parameters,
      seed,
    });
    return (path: string) => {
      const { byteOffset, byteLength } = materialized.named.get(path)!;
      const first = byteOffset / 4;
      return flat.subarray(first, first + byteLength / 4);
    };
  };
  const conv = "layer2.0.conv1.weight", other = "layer2.0.conv2.weight";
  const student = start("student", 1);
  assertEquals(student(conv), start("student", 1)(conv));
  // Another head changes no other parameter.
  assertEquals(student(conv), start("student", 1, 100)(conv));
  const different = [
    start("teacher", 1)(conv),
    start("student", 2)(conv),
    student(other).subarray(0, student(conv).length),
  ];
  for (const values of different) {
    const equal = values.filter((value, i) => value === student(conv)[i]);
    assert(equal.length < 5, "independent draws meet only by chance");
  }
});
