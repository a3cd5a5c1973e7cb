// The end of a training step: gradients that are clipped, a look at the student after
// its next step, and a strategy that learns in its update steps alone.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { shapes } from "../../src/data/shapes.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { crossEntropy } from "../../src/nn/losses.ts";
import { materialize } from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { las } from "../../src/methods/objectives/las.ts";
import { fill } from "../../src/ops/fill.ts";
import { grad } from "../../src/ops/grad.ts";
import { sgd } from "../../src/ops/sgd.ts";
import { store } from "../../src/ops/store.ts";
import { strategicPgd } from "../../src/methods/attacks/strategic_pgd.ts";
import { clipped } from "../../src/step/descent.ts";
import { lookAhead } from "../../src/step/look_ahead.ts";
import { TrainedNetwork } from "../../src/step/trained_network.ts";
import { compileStep } from "../../src/step/compiled_step.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import { assertClose, testDevice } from "../support/check_op.ts";
import { evaluate } from "../support/evaluate.ts";
import { EXAMPLE } from "../support/example_experiment.ts";
import { tintedBatch, writeRebuilt } from "../support/fixture.ts";

Deno.test("clipped() brings gradients down to a norm together, and lengthens none", async () => {
  const inputs = [
    { shape: [2], values: [3, 0] },
    { shape: [1, 1], values: [-4] },
  ];
  const found = await evaluate(inputs, (gradients) => [
    ...clipped([...gradients], 1),
    ...clipped([...gradients], 10),
    ...clipped([...gradients], undefined),
  ]);
  for (const results of [found.device, found.reference]) {
    const expected = [[0.6, 0], [-0.8], [3, 0], [-4], [3, 0], [-4]];
    expected.forEach((values, i) =>
      values.forEach((value, j) =>
        assertAlmostEquals(results[i]![j]!, value, 1e-5)
      )
    );
  }
});

const BATCH = tintedBatch(4, 1);
const RATE = 0.1, DECAY = 0.01;

/** Logits of a network's eval mode before, behind and after a step, as traced. */
async function stepped(
  trace: (
    world: {
      readonly graph: Graph;
      readonly logits: () => Tensor;
      readonly gradients: Tensor[];
      readonly network: ReturnType<typeof makeNetwork>;
    },
  ) => Tensor,
) {
  const device = await testDevice();
  using memory = new Memory(device);
  const network = makeNetwork();
  writeRebuilt(memory, network);
  const graph = new Graph();
  const [x, labels] = [
    new Variable("x", BATCH.shape),
    new Variable("labels", [4], "u32"),
  ];
  memory.write(x, BATCH.images);
  memory.write(labels, BATCH.labels);
  const logits = () => network.module.call(graph.read(x), "eval").logits;
  const loss = crossEntropy(logits(), labels);
  const gradients = grad(loss, [...network.trainable.values()]);
  const result = new Variable("result", [4, 10]);
  store(trace({ graph, logits, gradients, network }), result);
  const [before] = await memory.read([network.parameters]);
  using plan = await Plan.bind(
    compile(graph, { ...device.adapter, name: "step" }),
    memory,
  );
  plan.run();
  const [found, after] = await memory.read([result, network.parameters]);
  return { logits: new Float32Array(found!), before, after };
}

function makeNetwork() {
  return materialize(resnet8({ classes: 10, width: 4 }), "network");
}

Deno.test("lookAhead() shows the student after a plain step, and restores it exactly", async () => {
  const ahead = await stepped(({ graph, logits, gradients, network }) => {
    const { module: student, trainable } = network;
    const parameters = [...trainable.values()];
    const learningRate = fill(graph, { shape: [], value: RATE });
    const next = { student, parameters, gradients, learningRate };
    return lookAhead(
      graph,
      { ...next, optimizer: { weightDecay: DECAY } },
      () => logits(),
    );
  });
  assertEquals(ahead.after, ahead.before);
  const descended = await stepped(({ graph, logits, gradients, network }) => {
    const { parameters } = network;
    const flat = new Variable("gradients", parameters.shape);
    [...network.trainable.values()].forEach((parameter, i) =>
      store(
        gradients[i]!,
        flat.slice(parameter.name, parameter.byteOffset, parameter),
      )
    );
    sgd({
      parameters,
      gradients: flat,
      velocity: new Variable("velocity", parameters.shape),
      learningRate: fill(graph, { shape: [], value: RATE }),
    }, { momentum: 0.9, weightDecay: DECAY });
    return logits();
  });
  const plain = await stepped(({ logits }) => logits());
  assertClose(ahead.logits, descended.logits, {
    what: "logits behind the step",
    tolerance: 1e-5,
  });
  assert(ahead.logits.some((z, i) => Math.abs(z - plain.logits[i]!) > 1e-3));
});

Deno.test("a strategy network changes in its update steps, and only there", async () => {
  const device = await testDevice();
  const { train, shape } = shapes({ seed: 1, train: 20, test: 8 });
  const start = { kind: "uniform", clip: true } as const;
  const objective = las({
    base: { kind: "at", smoothing: 0.3 },
    candidates: {
      epsilon: [0.01, 0.03],
      stepSize: [0.01],
      steps: [1, 2],
    },
    trunk: (classes) => resnet8({ classes, width: 2 }),
    interval: 3,
    descent: {
      learningRate: 0.1,
      optimizer: { momentum: 0.9, nesterov: false, weightDecay: 0.1 },
    },
    reward: {
      attack: { name: "none", maximize: (_, { images }) => images },
      robust: 4,
      clean: 2,
      limit: 10,
    },
  });
  const step = compileStep({
    hyperparameters: { ...EXAMPLE, batchSize: 8 },
    method: {
      objective,
      attack: strategicPgd({ start, startEpsilon: 0.03, steps: 2 }),
      attackMode: "eval",
      weightPerturbation: null,
    },
    student: new TrainedNetwork(
      materialize(resnet8({ classes: 10, width: 2 }), "student"),
    ),
    teacher: null,
  }, { count: train.count, shape, ...device.adapter });
  await using session = await TrainingSession.start(device, {
    step,
    split: train,
  });
  const states = [];
  for (let step = 0; step < 6; step++) {
    states.push((await session.save()).tensors);
    session.runStep(step);
  }
  states.push((await session.save()).tensors);
  for (let step = 0; step < 6; step++) {
    const [before, after] = [states[step]!, states[step + 1]!];
    const name = "strategy.trunk.conv1.weight";
    const moved = (group: "method" | "velocity.method", name: string) => {
      const [a, b] = [before, after].map((at) => at[group]!.get(name)!.data);
      return a!.some((value, i) => value !== b![i]);
    };
    const isUpdateStep = step === 2 || step === 5;
    assertEquals(moved("method", name), isUpdateStep, `step ${step}`);
    assertEquals(moved("velocity.method", name), isUpdateStep, `step ${step}`);
    const mean = "strategy.trunk.bn1.running_mean";
    assertEquals(moved("method", mean), isUpdateStep, `step ${step}`);
    assertEquals(moved("method", "strategy.choices.0.candidates"), false);
  }
});
