// Attacks by a classifier, among them AutoAttack, and that they are those of a run's
// evaluation.

import { assert, assertEquals } from "@std/assert";
import * as frpat from "../../mod.ts";
import { Evaluator } from "../../src/evaluation/accuracy.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { ResidentSplit } from "../../src/step/resident_split.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";
import { initialValues, materialize } from "../../src/nn/module.ts";
import {
  attack,
  examples,
  small,
  threat,
  VALUES,
} from "../support/small_classifier.ts";

const { data, experiments, functional, nn, objectives } = frpat;

Deno.test("Classifier.autoAttack() says what broke each image, and has the images that did", async () => {
  using model = await small({ batchSize: 4 });
  const { images, labels: given } = examples(9);
  // The network's own classes, so that only attacks can break them; but for one.
  const logits = await model.predict(images);
  const labels = given.map((_, i) => {
    const row = logits.subarray(3 * i, 3 * i + 3);
    return row.indexOf(Math.max(...row));
  });
  labels[2] = (labels[2]! + 1) % 3;
  const epsilon = 2 / 255;
  const result = await model.autoAttack({ images, labels }, {
    norm: "linf",
    epsilon,
    attacks: ["apgd-ce", "fab-t", "square"],
    steps: 5,
    targets: 2,
    queries: 20,
  });
  assertEquals(result.brokenBy[2], "clean");
  const floats = Float32Array.from(images, (byte) => byte / 255);
  const after = await model.predict(result.images);
  result.brokenBy.forEach((by, i) => {
    const row = after.subarray(3 * i, 3 * i + 3);
    const right = row.indexOf(Math.max(...row)) === labels[i];
    assertEquals(right, by === null, `image ${i}`);
    for (let k = VALUES * i; k < VALUES * (i + 1); k++) {
      const away = Math.abs(result.images[k]! - floats[k]!);
      if (by === null || by === "clean") assertEquals(away, 0);
      else assert(away <= epsilon + 1e-6);
    }
  });
  assertEquals(result.stages[0], { name: "clean", correct: 8, count: 9 });
  const left = result.brokenBy.filter((by) => by === null).length;
  assertEquals(result.stages.at(-1)!.correct, left);
});

Deno.test("Classifier.attack() finds what an evaluation counts", async () => {
  const device = await testDevice();
  const { train } = data.shapes({ train: 20, test: 1 });
  const shape = { channels: 3, height: 32, width: 32 } as const;
  const network = nn.resnet8({ classes: 10, width: 4 });
  using model = new frpat.Classifier(device, {
    network,
    ...shape,
    seed: 3,
    batchSize: 8,
  });
  const config = EXAMPLE.evaluation.attacks["pgd20"]!;
  const images = await model.attack(train, experiments.buildAttack(config));
  const accuracy = await model.accuracy({ images, labels: train.labels });

  using memory = new Memory(device);
  const twin = materialize(nn.resnet8({ classes: 10, width: 4 }), "student");
  for (const flat of [twin.parameters, twin.buffers!]) {
    memory.write(flat, initialValues(twin, { flat, seed: 3 }));
  }
  const resident = new ResidentSplit("test", { count: 20, shape });
  resident.upload(memory, train);
  using evaluator = await Evaluator.create(memory, {
    network: twin.module,
    data: resident,
    attacks: { clean: null, pgd20: config },
    batchSize: 8,
    seed: 3,
  });
  const { clean, pgd20 } = await evaluator.run();
  assertEquals(await model.accuracy(train), clean!.correct / 20);
  assertEquals(accuracy, pgd20!.correct / 20);
});

Deno.test("Classifier.attack() stays in the ball and in [0, 1], and lowers the accuracy", async () => {
  using model = await small({ batchSize: 20 });
  const { images, labels } = examples(48);
  const shown = { images, labels };
  await model.fit(shown, {
    objective: objectives.standard(),
    epochs: 20,
    batchSize: 16,
  });
  const adversarial = await model.attack(shown, attack);
  assertEquals(adversarial.length, images.length);
  for (const [i, value] of adversarial.entries()) {
    const distance = Math.abs(value - images[i]! / 255);
    assert(distance <= threat.epsilon + 1e-6, `${distance} at ${i}`);
    assert(value >= 0 && value <= 1, `${value} at ${i}`);
  }
  const clean = await model.accuracy(shown);
  const robust = await model.accuracy({ images: adversarial, labels });
  assert(robust < clean, `${robust} after the attack, ${clean} before`);
});

Deno.test("Classifier.attack() maximizes the given surrogate", async () => {
  using model = await small();
  const shown = examples(12);
  const largest = await model.attack(shown, attack, {
    surrogate: (logits) => functional.sum(logits, { start: 1 }),
  });
  const smallest = await model.attack(shown, attack, {
    surrogate: (logits) =>
      functional.negate(functional.sum(logits, { start: 1 })),
  });
  const total = async (images: Float32Array) =>
    (await model.predict(images)).reduce((sum, logit) => sum + logit, 0);
  assert(await total(largest) > await total(smallest));
});
