// What a classifier says of images: predictions, features and accuracies; where it
// starts; and what it refuses.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import * as frpat from "../../mod.ts";
import { networkTensors } from "../../src/weights/network_tensors.ts";
import { decodeSafeTensors } from "../../src/weights/safetensors.ts";
import { testDevice } from "../support/check_op.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { initialValues, materialize } from "../../src/nn/module.ts";
import {
  attack,
  examples,
  HEIGHT,
  Small,
  small,
  training,
  WIDTH,
} from "../support/small_classifier.ts";

const { data } = frpat;

Deno.test("Classifier.predict() takes bytes, numbers and a data set's order alike", async () => {
  using model = await small();
  const { images, labels } = examples(5);
  const dataset = data.datasetFromArrays({
    name: "test",
    classNames: ["a", "b", "c"],
    height: HEIGHT,
    width: WIDTH,
    layout: "interleaved",
    train: { images, labels },
    test: { images, labels },
  });
  const floats = data.floatImages(dataset.test, dataset.shape);
  assertEquals(floats, Float32Array.from(images, (byte) => byte / 255));
  const logits = await model.predict(images);
  assertEquals(logits.length, 5 * 3);
  assertEquals(await model.predict(floats), logits);
  const accuracy = await model.accuracy({ images, labels });
  assertEquals(await model.accuracy(dataset.test), accuracy);
});

Deno.test("Classifier.predict() gives each image what it gets alone", async () => {
  using whole = await small();
  using parts = await small({ batchSize: 2 });
  const { images } = examples(5);
  const together = await whole.predict(images);
  const apart = await parts.predict(images);
  for (const [i, logit] of together.entries()) {
    assert(Math.abs(logit - apart[i]!) < 1e-5, `${logit} and ${apart[i]}`);
  }
});

Deno.test("Classifier.accuracy() is the fraction of largest logits at the label", async () => {
  using model = await small({ batchSize: 4 });
  const { images, labels } = examples(9);
  const logits = await model.predict(images);
  const right = labels.filter((label, i) => {
    const row = logits.subarray(3 * i, 3 * i + 3);
    return row.indexOf(Math.max(...row)) === label;
  });
  const accuracy = await model.accuracy({ images, labels });
  assertEquals(accuracy, right.length / 9);
});

Deno.test("new Classifier() starts where a run of the same seed starts", async () => {
  await withFolder(async (folder) => {
    using model = await small({ seed: 7 });
    const materialized = materialize(new Small(), "student");
    const at = (flat: frpat.Variable) =>
      initialValues(materialized, { flat, seed: 7 });
    const expected = networkTensors(materialized, {
      parameters: at(materialized.parameters),
      buffers: at(materialized.buffers!),
    });
    const path = join(folder, "model.safetensors");
    await model.save(path);
    const { tensors } = decodeSafeTensors(await Deno.readFile(path), path);
    assertEquals(tensors, expected);
  });
});

type Refused = readonly [
  what: string,
  act: (model: frpat.Classifier) => Promise<unknown>,
  error: new (message: string) => Error,
  message: string,
];

const REFUSED: readonly Refused[] = [
  [
    "accuracy() of half an image",
    (model) => model.accuracy({ images: new Uint8Array(90), labels: [0] }),
    TypeError,
    "Cannot use images: expected 180 numbers for each of 1 labels but found 90",
  ],
  [
    "accuracy() of no images",
    (model) => model.accuracy({ images: new Uint8Array(0), labels: [] }),
    TypeError,
    "Cannot use images: expected at least 1 label but found none",
  ],
  [
    "attack() on a label that is no class",
    (model) => model.attack({ ...examples(2), labels: [0, 3] }, attack),
    RangeError,
    "Cannot use labels: expected classes from 0 to 2 but found 3 at image 1",
  ],
  [
    "predict() of numbers up to 255",
    (model) => model.predict(Float32Array.from(examples(1).images)),
    RangeError,
    "Cannot use images: expected numbers from 0 to 1 but found",
  ],
  [
    "fit() on numbers up to 255",
    (model) =>
      model.fit(
        { images: Float32Array.from(examples(1).images), labels: [0] },
        {
          ...training,
          epochs: 1,
        },
      ),
    RangeError,
    "Cannot use the training images: expected numbers from 0 to 1",
  ],
  [
    "fit() on targets that are no probabilities",
    (model) => {
      const { images } = examples(1);
      const targets = Float32Array.of(0.5, 0.6, 0);
      return model.fit({ images, targets }, { ...training, epochs: 1 });
    },
    RangeError,
    "Cannot use the targets: expected probabilities of sum 1 but found",
  ],
  [
    "fit() on images of another size",
    (model) =>
      model.fit({ images: new Uint8Array(90), labels: [0] }, {
        ...training,
        epochs: 1,
      }),
    TypeError,
    "Cannot use the training images: expected 180 bytes",
  ],
  [
    "fit() on a label that is no class",
    (model) =>
      model.fit({ ...examples(2), labels: [0, 3] }, { ...training, epochs: 1 }),
    RangeError,
    "Cannot use the training images: expected labels from 0 to 2 but found 3",
  ],
  [
    "fit() for half an epoch",
    (model) => model.fit(examples(16), { ...training, epochs: 0.5 }),
    RangeError,
    "Cannot run this training: expected epochs to be a whole number",
  ],
  [
    "fit() of an objective that needs an attack without one",
    (model) =>
      model.fit(examples(16), { ...training, attack: null, epochs: 1 }),
    TypeError,
    "Cannot view adversarial images: expected an attack but found none",
  ],
];

const { functional } = frpat;
/** An objective whose terms are these. */
const own = (
  terms: (x: frpat.Tensor) => Readonly<Record<string, frpat.Tensor>>,
) => ({ name: "own", terms: ({ x }: frpat.Views) => terms(x) });
/** An attack that returns this. */
const makes = (made: (x: frpat.Tensor) => frpat.Tensor) => ({
  name: "own attack",
  maximize: (
    surrogate: (x: frpat.Tensor) => frpat.Tensor,
    { images }: frpat.attacks.AttackInputs,
  ) => {
    surrogate(images);
    return made(images);
  },
});
const brighter = makes((x) => functional.addScalar(x, 0.5));

const REFUSED_METHODS: readonly Refused[] = [
  [
    "an objective without terms",
    (model) =>
      model.fit(examples(16), { objective: own(() => ({})), epochs: 1 }),
    TypeError,
    "Cannot train on own: expected at least 1 term but found none",
  ],
  [
    "a term that is no scalar",
    (model) => {
      const objective = own((x) => ({
        bright: functional.sum(x, { start: 1 }),
      }));
      return model.fit(examples(16), { objective, epochs: 1, batchSize: 16 });
    },
    TypeError,
    'Cannot train on own: expected its term "bright" to be a scalar, such as ' +
    "mean(…) makes of losses, but found f32 (16)",
  ],
  [
    "a surrogate that is no number per image",
    (model) =>
      model.attack(examples(4), attack, { surrogate: (logits) => logits }),
    TypeError,
    "Cannot attack by pgd-5: expected the surrogate to be a number per image, " +
    "f32 (4), but found f32 (4, 3)",
  ],
  [
    "an attack that returns another shape",
    (model) => model.attack(examples(4), makes((x) => functional.flatten(x))),
    TypeError,
    "Cannot attack by own attack: expected images f32 (4, 6, 10, 3) but found",
  ],
  [
    "inspect() of a network that names nothing",
    (model) => model.inspect(examples(2)),
    TypeError,
    "expected tensors with names of functional.inspect but found none",
  ],
  [
    "an attack that leaves [0, 1]",
    (model) => model.attack(examples(4), brighter),
    RangeError,
    "Cannot use the images of own attack: expected numbers from 0 to 1 but found",
  ],
  [
    "an attack in training that leaves [0, 1]",
    (model) =>
      model.fit(examples(16), { ...training, attack: brighter, epochs: 1 }),
    RangeError,
    "Cannot train on images of own attack: expected numbers from 0 to 1",
  ],
];

Deno.test("every method of a disposed Classifier throws", async () => {
  const model = await small();
  model.dispose();
  model.dispose();
  const { images } = examples(2);
  const calls: readonly (() => Promise<unknown>)[] = [
    () => model.predict(images),
    () => model.features(images),
    () => model.inspect(examples(2)),
    () => model.accuracy(examples(2)),
    () => model.attack(examples(2), attack),
    () => model.autoAttack(examples(2), { norm: "linf", epsilon: 0.1 }),
    () => model.fit(examples(2), { ...training, epochs: 1 }),
    () => model.save("never-written"),
    () => model.load("never-read"),
  ];
  for (const call of calls) {
    await assertRejects(call, TypeError, "it has been disposed of");
  }
});

for (const [what, act, error, message] of [...REFUSED, ...REFUSED_METHODS]) {
  Deno.test(`Classifier refuses ${what}`, async () => {
    using model = await small();
    await assertRejects(() => act(model), error, message);
    (await testDevice()).check();
  });
}
