// Switches by which others train: images normalized inside the network, weight decay of
// weights alone, and AWP's clean forward pass, each against arithmetic done here.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Experiment } from "../../src/config/experiment.ts";
import { checkExperiment } from "../../src/config/check_experiment.ts";
import { checkpointNetworks } from "../../src/evaluation/checkpoint_networks.ts";
import { evaluateNetworks } from "../../src/evaluation/network_accuracy.ts";
import { weightsNetwork } from "../../src/evaluation/weights_network.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { initialValues, materialize } from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { fill } from "../../src/ops/fill.ts";
import type { Checkpoint } from "../../src/runs/checkpoint.ts";
import { recipe as recipeOf } from "../../src/recipes/mod.ts";
import { TrainedNetwork } from "../../src/step/trained_network.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import { writeTensorFile } from "../../src/weights/network_file.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

const SHAPE = { channels: 3, height: 8, width: 8 } as const;
const COUNT = 6;
const SPLIT = {
  count: COUNT,
  images: Uint8Array.from(
    { length: COUNT * 192 },
    (_, i) => (37 * i * i + 11 * i) % 120 + 60 * (Math.floor(i / 192) % 3),
  ),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % 3),
};
const CLASS_NAMES = ["a", "b", "c"];
const TINY = { network: "resnet8", width: 2 } as const;

/** Vanilla AT in one batch of all images, as they are. */
const PLAIN: Experiment = {
  ...EXAMPLE,
  epochs: 2,
  batchSize: COUNT,
  augmentation: { padding: 0, flip: false },
  student: TINY,
  teacher: null,
  objective: { method: "vanilla-at" },
  regularizers: [],
};

/** What a session holds after so many steps. */
async function trained(
  experiment: Experiment,
  steps: number,
): Promise<Checkpoint> {
  checkExperiment(experiment);
  await using session = await TrainingSession.open(await testDevice(), {
    experiment,
    dataset: { shape: SHAPE, classNames: CLASS_NAMES },
    split: SPLIT,
  });
  for (let step = 0; step < steps; step++) session.runStep(step);
  return { ...await session.save(), step: steps, epoch: steps, experiment };
}

Deno.test("a network may normalize its images, in training, evaluation and export", async () => {
  const normalization = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.5] };
  const student = { ...TINY, normalization };
  const checkpoint = await trained({ ...PLAIN, student }, 2);
  const tensors = checkpoint.tensors["student"]!;
  assertEquals(
    ["mean", "std"].map((name) => [...tensors.get(name)!.data]),
    [normalization.mean, normalization.std].map((
      one,
    ) => [...Float32Array.from(one)]),
  );
  const plain = await trained(PLAIN, 2);
  assertEquals(
    [...tensors.keys()].filter((name) => name.startsWith("model.")),
    [...plain.tensors["student"]!.keys()].map((name) => `model.${name}`),
  );
  assert(
    tensors.get("model.conv1.weight")!.data.some((value, i) =>
      value !== plain.tensors["student"]!.get("conv1.weight")!.data[i]
    ),
  );
  // A file of the same tensors is understood by what reads other people's files.
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  await writeTensorFile(path, tensors);
  const file = await weightsNetwork(path, { architecture: TINY, classes: 3 });
  await Deno.remove(path);
  assertEquals(file.normalizationFrom, "file");
  const dataset = {
    name: "test",
    title: "Test",
    notes: [],
    shape: SHAPE,
    classNames: CLASS_NAMES,
    train: SPLIT,
    test: SPLIT,
  };
  const source = "a test";
  const [own] = checkpointNetworks(checkpoint, { dataset, source });
  const found = await evaluateNetworks({
    device: await testDevice(),
    networks: [own!, file.network],
    dataset,
    attacks: { clean: null, ...EXAMPLE.evaluation.attacks },
    batchSize: COUNT,
    seed: 1,
  });
  assertEquals(found["student"], found["network"]);
});

Deno.test('decay "weights" leaves batch norms and biases alone', async () => {
  const device = await testDevice();
  using memory = new Memory(device);
  const placed = materialize(resnet8({ classes: 10, width: 4 }), "network");
  const network = new TrainedNetwork(placed);
  const flat = placed.parameters;
  const before = initialValues(placed, { flat, seed: 1 });
  memory.write(flat, before);
  const graph = new Graph();
  network.descend(
    network.parameters.map(({ shape }) => fill(graph, { shape, value: 0 })),
    {
      learningRate: fill(graph, { shape: [], value: 0.5 }),
      optimizer: {
        momentum: 0.9,
        nesterov: false,
        weightDecay: 0.25,
        decay: "weights",
      },
    },
  );
  const program = compile(graph, { ...device.adapter, name: "step" });
  using plan = await Plan.bind(program, memory);
  plan.run();
  const [bytes] = await memory.read([flat]);
  const after = new Float32Array(bytes!);
  for (const [name, { shape, byteOffset }] of placed.trainable) {
    const at = byteOffset / 4;
    const kept = shape.length > 1 ? 1 - 0.5 * 0.25 : 1;
    assertAlmostEquals(after[at]!, before[at]! * kept, 1e-7, name);
  }
});

Deno.test("AWP's clean forward moves the running statistics, and nothing else", async () => {
  const weightPerturbation = { gamma: 0.01, fromEpoch: 1 };
  const without = await trained({ ...PLAIN, weightPerturbation }, 1);
  const found = await trained({
    ...PLAIN,
    weightPerturbation: { ...weightPerturbation, cleanForward: true },
  }, 1);
  const [one, other] = [without, found].map(({ tensors }) =>
    tensors["student"]!
  );
  for (const [name, { data }] of one!) {
    if (name.includes("running_")) continue;
    assertEquals(other!.get(name)!.data, data, name);
  }
  // running := 0.9 running + 0.1 mean, by the weights after the step.
  const means = firstMeans(other!.get("conv1.weight")!.data);
  means.forEach((mean, k) => {
    const [old, young] = [one, other].map((tensors) =>
      tensors!.get("bn1.running_mean")!.data[k]!
    );
    assertAlmostEquals(young!, 0.9 * old! + 0.1 * mean, 1e-5);
  });
});

Deno.test("LAS-TRADES rewarded in train mode moves the running statistics by its forwards twice", async () => {
  const recipe = recipeOf("supplement7/las-trades");
  assert(recipe.objective.method === "las-trades");
  const { strategy } = recipe.objective;
  const rewardedIn = (mode: "eval" | "train"): Experiment => ({
    ...PLAIN,
    attack: { ...recipe.attack!, method: "strategic-pgd", steps: 2 } as never,
    objective: {
      method: "las-trades",
      strategy: {
        ...strategy,
        network: TINY,
        steps: [1, 2],
        reward: {
          ...strategy.reward,
          mode,
          attack: { ...strategy.reward.attack, steps: 1 } as never,
        },
      },
    },
  });
  const [one, other] = (await Promise.all(
    (["eval", "train"] as const).map((mode) => trained(rewardedIn(mode), 1)),
  )).map(({ tensors }) => tensors["student"]!);
  for (const [name, { data }] of one!) {
    const found = other!.get(name)!.data;
    if (name.includes("running_var")) continue;
    // From 0, r = 0.09 c + 0.1 a by the means of a clean and an adversarial batch;
    // both again make 0.81 r + r of it.
    const factor = name.includes("running_mean") ? 1.81 : 1;
    data.forEach((value, i) =>
      assertAlmostEquals(found[i]!, factor * value, 1e-5, name)
    );
  }
});

/** The mean of each channel of the first convolution, over all images, in float64. */
function firstMeans(weight: ArrayLike<number>): number[] {
  const channels = weight.length / 27;
  return Array.from({ length: channels }, (_, k) => {
    let total = 0;
    for (let pixel = 0; pixel < COUNT * 64; pixel++) {
      const [n, y, x] = [pixel >> 6, pixel >> 3 & 7, pixel & 7];
      for (let tap = 0; tap < 27; tap++) {
        // PyTorch's layout: (K, C, R, S).
        const [c, r, s] = [
          Math.floor(tap / 9),
          Math.floor(tap / 3) % 3,
          tap % 3,
        ];
        const [row, column] = [y + r - 1, x + s - 1];
        if (row < 0 || row > 7 || column < 0 || column > 7) continue;
        const byte = SPLIT.images[((n * 3 + c) * 8 + row) * 8 + column]!;
        total += weight[k * 27 + tap]! * byte / 255;
      }
    }
    return total / (COUNT * 64);
  });
}
