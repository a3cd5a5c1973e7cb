// Classifiers trained by other methods, and by attacks, objectives and regularizers of
// one's own.

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import * as frpat from "../../mod.ts";
import {
  examples,
  small,
  threat,
  training,
} from "../support/small_classifier.ts";

const { attacks, functional, objectives } = frpat;

Deno.test("Classifier.fit() trains by attacks that stop early, weighs examples, and perturbs weights", async () => {
  const options = { threat, steps: 2, stepSize: 4 / 255 } as const;
  const start = { kind: "uniform", clip: true } as const;
  const friendly = { ...options, start, noise: 0.001, tauRises: [1] };
  const gairat = objectives.gairat({ lambda: -1, fromEpoch: 1 });
  for (
    const method of [
      { attack: attacks.friendlyPgd(friendly) },
      { objective: gairat },
      { weightPerturbation: { gamma: 0.01, fromEpoch: 1 } },
    ]
  ) {
    using model = await small();
    const { images, labels } = examples(12);
    const before = await model.predict(images);
    const terms: number[] = [];
    await model.fit({ images, labels }, {
      ...training,
      ...method,
      epochs: 1,
      onEpoch: (means) => terms.push(...Object.values(means.terms)),
    });
    assert(terms.length > 0 && terms.every(Number.isFinite), `${terms}`);
    assertNotEquals(await model.predict(images), before);
  }
});

Deno.test("Classifier.fit() says what an attack does not record", async () => {
  using model = await small();
  const objective = objectives.gairat({ lambda: -1, fromEpoch: 1 });
  const single = attacks.nFgsm({ epsilon: 0.03, stepSize: 0.03, noise: 2 });
  await assertRejects(
    () =>
      model.fit(examples(12), {
        ...training,
        objective,
        attack: single,
        epochs: 1,
      }),
    TypeError,
    "Cannot read the survival rate: expected an attack",
  );
});

Deno.test("Classifier.fit() learns in half precision", async () => {
  using model = await small();
  const shown = examples(48);
  await model.fit(shown, {
    objective: objectives.standard(),
    precision: "f16",
    epochs: 20,
    batchSize: 16,
  });
  assert(await model.accuracy(shown) > 0.9);
});

Deno.test("Classifier takes attacks, objectives and regularizers of one's own", async () => {
  // One step of gradient ascent, without a sign and without a projection.
  const ascent: frpat.Attack = {
    name: "ascent",
    maximize(surrogate, { images }) {
      const [gradient] = functional.grad(surrogate(images), [images]);
      const moved = functional.add(
        images,
        functional.mulScalar(gradient!, 0.01),
      );
      return functional.clamp(moved, { low: 0, high: 1 });
    },
  };
  // The squared error of probabilities, and a penalty on large features.
  const brier: frpat.Objective = {
    name: "brier",
    surrogate: ({ adversarial, labels }) =>
      functional.crossEntropy(adversarial.logits, labels),
    terms: ({ adversarial, clean }) => ({
      pairing: functional.mean(
        functional.meanSquaredError(
          functional.softmax(adversarial.logits),
          functional.softmax(clean.logits),
        ),
      ),
    }),
  };
  const objective = objectives.regularized(brier, {
    name: "size",
    term: ({ adversarial }) =>
      functional.mean(functional.square(adversarial.features)),
  });
  using model = await small();
  const shown = examples(16);
  const terms: string[][] = [];
  await model.fit(shown, {
    objective,
    attack: ascent,
    epochs: 1,
    batchSize: 8,
    onEpoch: (means) => terms.push(Object.keys(means.terms)),
  });
  assertEquals(terms, [["pairing", "size"]]);
  const images = await model.attack(shown, ascent);
  assert(images.some((value, i) => value !== shown.images[i]! / 255));
});
