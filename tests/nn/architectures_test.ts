// Counts catch a wrong stride, width or shortcut before anything is trained: no two
// of these networks agree in both.

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Target } from "../../src/gpu/device.ts";
import { compile } from "../../src/graph/compile.ts";
import { costOf } from "../../src/graph/cost.ts";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { countParameters, namedVariables } from "../../src/nn/module.ts";
import type { Network } from "../../src/nn/network.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { WideResNet } from "../../src/nn/wide_resnet.ts";
import { store } from "../../src/ops/store.ts";
import { ARCHITECTURES } from "../support/architectures.ts";

/** Multiply-adds of a compiled forward pass of one image in eval mode. */
function multiplyAdds(network: Network, target: Target): number {
  const graph = new Graph();
  const x = graph.read(new Variable("x", [1, 32, 32, 3]));
  const { logits } = network.call(x, "eval");
  store(logits, new Variable("logits", logits.shape));
  return costOf(compile(graph, { ...target, name: "forward" })).flops / 2;
}

/** Devices that take different kernels. */
const TARGETS: readonly Target[] = [
  { adapterClass: "gpu" },
  { adapterClass: "software" },
  { adapterClass: "software", subgroupSize: 8 },
];

for (
  const { name, build, parameters, multiplyAdds: published } of ARCHITECTURES
) {
  Deno.test(`countParameters() of ${name} gives the published numbers`, () => {
    for (const [classes, count] of Object.entries(parameters)) {
      assertEquals(countParameters(build(Number(classes))), count);
    }
  });

  Deno.test(`costOf() a forward pass of ${name} is the published one`, () => {
    const network = build(10);
    for (const target of TARGETS) {
      const found = multiplyAdds(network, target);
      assertEquals(Math.round(found / 1e5) / 1e4, published);
    }
  });

  Deno.test(`Network.call() of ${name} gives features and logits of the sizes told`, () => {
    const network = build(10);
    const x = new Graph().read(new Variable("x", [2, 32, 32, 3]));
    for (const mode of ["eval", "train", "train-untracked"] as const) {
      const { logits, features } = network.call(x, mode);
      assertEquals(logits.shape, [2, network.classes]);
      assertEquals(features.shape, [2, network.featureSize]);
    }
  });
}

Deno.test("resnet8() grows with its width", () => {
  const count = (width: number) =>
    countParameters(resnet8({ classes: 10, width }));
  assertEquals(countParameters(resnet8({ classes: 10 })), count(16));
  assert(count(32) > 3.5 * count(16));
});

Deno.test("new WideResNet() refuses depths that are not 6 n + 4", () => {
  for (const depth of [4, 12, 33, 34.5, NaN]) {
    assertThrows(
      () => new WideResNet({ classes: 10, depth, width: 1 }),
      RangeError,
      `Cannot build a WideResNet: expected a depth of 10, 16, 22, 28, 34, … but found ${depth}`,
    );
  }
});

Deno.test("namedVariables() of WRN-34-10 are the names of published checkpoints", () => {
  const network = new WideResNet({ classes: 10, depth: 34, width: 10 });
  const norm = (name: string) =>
    ["weight", "bias", "running_mean", "running_var"].map((each) =>
      `${name}.${each}`
    );
  const expected = [1, 2, 3].flatMap((group) =>
    [0, 1, 2, 3, 4].flatMap((block) => {
      const name = `block${group}.layer.${block}`;
      return [
        ...norm(`${name}.bn1`),
        `${name}.conv1.weight`,
        ...norm(`${name}.bn2`),
        `${name}.conv2.weight`,
        ...(block === 0 ? [`${name}.convShortcut.weight`] : []),
      ];
    })
  );
  assertEquals([...namedVariables(network).keys()], [
    "conv1.weight",
    ...expected,
    ...norm("bn1"),
    "fc.weight",
    "fc.bias",
  ]);
});
