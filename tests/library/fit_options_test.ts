// What Classifier.fit() takes besides bytes and labels, and how it is watched, stopped,
// and taken up again.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import * as frpat from "../../mod.ts";
import { UserError } from "../../src/base/errors.ts";
import { withFolder } from "../support/temporary_folder.ts";
import {
  attack,
  examples,
  Small,
  small,
  training,
} from "../support/small_classifier.ts";

const { objectives } = frpat;
const SHOWN = examples(20);
const options = { ...training, epochs: 2 };

/** What a new network predicts after a training. */
async function fitted(
  given: frpat.LabeledImages | frpat.SoftLabeledImages,
  changes: Partial<frpat.FitOptions> = {},
): Promise<Float32Array> {
  using model = await small();
  await model.fit(given, { ...options, ...changes });
  return await model.predict(SHOWN.images);
}

const numbers = Float32Array.from(SHOWN.images, (byte) => byte / 255);
const augmentation = { padding: 1, flip: true };
const teacher = objectives.frpat({ weight: { kind: "constant", value: 5 } });
const unlabeled = {
  objective: objectives.labelFree(teacher),
  batchSize: 4,
  fraction: 0.25,
};

Deno.test("Classifier.fit() on numbers is fit() on the bytes that they are", async () => {
  const { labels } = SHOWN;
  const expected = await fitted(SHOWN, { augmentation });
  const found = await fitted({ images: numbers, labels }, { augmentation });
  assertEquals(found, expected);
});

Deno.test("Classifier.fit() on numbers withholds the labels of a part", async () => {
  const { labels } = SHOWN;
  const others = (images: frpat.LabeledImages["images"]) =>
    fitted({ images, labels }, { teacher: new Small(), unlabeled });
  assertEquals(await others(numbers), await others(SHOWN.images));
});

Deno.test("Classifier.fit() on certain targets is fit() on labels, but for rounding", async () => {
  const { images, labels } = SHOWN;
  const targets = new Float32Array(labels.length * 3);
  labels.forEach((label, i) => targets[3 * i + label] = 1);
  const expected = await fitted(SHOWN);
  const found = await fitted({ images, targets });
  found.forEach((logit, i) => {
    assert(Math.abs(logit - expected[i]!) < 1e-3, `${logit}, ${expected[i]}`);
  });
  const smoothed = targets.map((target) => 0.7 * target + 0.1);
  const softer = await fitted({ images, targets: smoothed });
  assert(softer.some((logit, i) => Math.abs(logit - expected[i]!) > 1e-3));
  await assertRejects(
    () =>
      fitted({ images, targets }, { objective: objectives.mart({ beta: 5 }) }),
    TypeError,
    "Cannot view labels: expected a class for each image but found soft targets",
  );
});

Deno.test("Classifier.fit() reports steps, epochs and validation", async () => {
  const told: unknown[] = [];
  await fitted(SHOWN, {
    epochs: 1,
    validation: { examples: examples(9), attack },
    onStep: (means, step) => {
      told.push(step);
      assertEquals(Object.keys(means.terms), ["adversarial"]);
    },
    onEpoch: ({ validation }, epoch) => {
      told.push(epoch, ...Object.keys(validation!));
      const { accuracy, robustAccuracy } = validation!;
      assert(robustAccuracy! <= accuracy && accuracy <= 1);
    },
  });
  assertEquals(told, [1, 2, 3, 1, "accuracy", "robustAccuracy"]);
});

Deno.test("Classifier.fit() goes on from its checkpoint to the same values", async () => {
  await withFolder(async (folder) => {
    const expected = await fitted(SHOWN);
    const checkpoint = join(folder, "fit.safetensors");
    const controller = new AbortController();
    const { signal } = controller;
    const onStep = (_: unknown, step: number) => {
      if (step === 4) controller.abort(new Error("enough"));
    };
    await assertRejects(
      () => fitted(SHOWN, { checkpoint, signal, onStep }),
      Error,
      "enough",
    );
    const steps: number[] = [];
    const found = await fitted(SHOWN, {
      checkpoint,
      onStep: (_, step) => void steps.push(step),
    });
    assertEquals(steps, [5, 6]);
    assertEquals(found, expected);

    using model = await small();
    await model.load(checkpoint);
    assertEquals(await model.predict(SHOWN.images), expected);
    await assertRejects(
      () => fitted(examples(21), { checkpoint }),
      UserError,
      "expected its images to be",
    );
    await assertRejects(
      () => fitted(SHOWN, { checkpoint, epochs: 3 }),
      UserError,
      "expected its epochs to be 3 but found 2",
    );
  });
});

Deno.test("Classifier.fit() stops where a loss is not finite, unless it is to go on", async () => {
  const optimizer = {
    momentum: 0,
    nesterov: false,
    weightDecay: 0,
    learningRate: { kind: "cosine", initial: 1e30 },
  } as const;
  using model = await small();
  const before = await model.predict(SHOWN.images);
  await assertRejects(
    () => model.fit(SHOWN, { ...options, optimizer }),
    UserError,
    "Cannot go on training: expected finite losses but found NaN as adversarial by step 3",
  );
  assertEquals(await model.predict(SHOWN.images), before);
  await model.fit(SHOWN, { ...options, optimizer, keepGoing: true });
});
