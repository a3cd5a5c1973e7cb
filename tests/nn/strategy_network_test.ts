// The network that proposes attacks, and what LAS draws from its proposals.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import {
  countParameters,
  initialValues,
  materialize,
} from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { StrategyNetwork } from "../../src/nn/strategy_network.ts";
import { las } from "../../src/methods/objectives/las.ts";
import { LOG_PROBABILITY } from "../../src/methods/objectives/las_reward.ts";
import { ATTACK_STRATEGY, Signals } from "../../src/methods/signal.ts";
import { fill } from "../../src/ops/fill.ts";
import { logSoftmax } from "../../src/ops/loss/softmax.ts";
import { store } from "../../src/ops/store.ts";
import { testDevice } from "../support/check_op.ts";
import { tintedBatch } from "../support/fixture.ts";
import { BATCH, makeWorld } from "../support/students.ts";

const CANDIDATES = {
  epsilon: [0.01, 0.02, 0.04],
  stepSize: [0.005, 0.01],
  steps: [1, 2, 3, 5],
};
const trunk = (classes: number) => resnet8({ classes, width: 4 });

Deno.test("StrategyNetwork has a head per choice, the first one its trunk's", () => {
  const candidates = new Map(Object.entries(CANDIDATES));
  const network = new StrategyNetwork({ candidates, trunk });
  const heads = 2 * (16 + 1) + 4 * (16 + 1);
  assertEquals(countParameters(network), countParameters(trunk(3)) + heads);
  const named = [...materialize(network, "strategy").named.keys()];
  assertEquals(
    named.filter((name) => /linear|candidates/.test(name)),
    [
      "trunk.linear.weight",
      "trunk.linear.bias",
      "choices.0.candidates",
      "choices.1.candidates",
      "choices.1.linear.0.weight",
      "choices.1.linear.0.bias",
      "choices.2.candidates",
      "choices.2.linear.0.weight",
      "choices.2.linear.0.bias",
    ],
  );
});

Deno.test("las() draws candidates, and adds up the logarithms of their probabilities", async () => {
  const { strategy: learner } = las({
    base: { kind: "at", smoothing: 0.3 },
    candidates: CANDIDATES,
    trunk,
    interval: 1,
    descent: {
      learningRate: 1e-4,
      optimizer: { momentum: 0, nesterov: false, weightDecay: 0 },
    },
    reward: {
      attack: { name: "none", maximize: (_, { images }) => images },
      robust: 4,
      clean: 2,
      limit: 10,
    },
  }).create({
    classes: 10,
    images: BATCH,
    batchSize: BATCH,
    featureSize: { student: 16, teacher: null },
  });
  const strategy = learner!.module as StrategyNetwork;
  const materialized = materialize(strategy, "strategy");
  const { graph, views, variables } = makeWorld({ mode: "eval" });
  const step = fill(graph, { shape: [], value: 3, dtype: "u32" });
  const watched = new Proxy(views, {
    get: (target, key) =>
      key === "random"
        ? (stream: string) => ({ seed: 1, stream, step })
        : Reflect.get(target, key, target),
  });
  const signals = new Signals();
  learner!.propose(watched, {
    isUpdateStep: true,
    record: (signal, value) => signals.record(signal, value),
  });
  const traced: Record<string, Tensor> = {
    ...signals.read(ATTACK_STRATEGY),
    logProbability: signals.read(LOG_PROBABILITY),
  };
  for (const [name, { logits }] of strategy.call(views.x, "train-untracked")) {
    traced[`log ${name}`] = logSoftmax(logits);
  }
  const results = Object.entries(traced).map(([name, value]) => {
    const result = new Variable(name, value.shape);
    store(value, result);
    return result;
  });
  const device = await testDevice();
  using memory = new Memory(device);
  memory.write(variables["x"]!, tintedBatch(BATCH, 1).images);
  for (const flat of [materialized.parameters, materialized.buffers!]) {
    memory.write(flat, initialValues(materialized, { flat, seed: 1 }));
  }
  const options = { ...device.adapter, name: "strategy" };
  using plan = await Plan.bind(compile(graph, options), memory);
  plan.run();
  const bytes = await memory.read(results);
  const found = Object.fromEntries(
    results.map(({ name }, i) => [name, new Float32Array(bytes[i]!)]),
  );
  const expected = Array.from({ length: BATCH }, () => 0);
  for (const [name, numbers] of Object.entries(CANDIDATES)) {
    found[name]!.forEach((value, n) => {
      const chosen = numbers.findIndex((one) => Math.fround(one) === value);
      assert(chosen >= 0, `${name} of ${value}`);
      expected[n]! += found[`log ${name}`]![n * numbers.length + chosen]!;
    });
  }
  found["logProbability"]!.forEach((value, n) =>
    assertAlmostEquals(value, expected[n]!, 1e-5)
  );
  assert(new Set(found["steps"]).size > 1, "not all draws are the same");
});
