// Images without labels: that no label of theirs can influence anything, that they
// themselves do, and what is refused because it would need labels.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import type { Attack } from "../../src/methods/attack.ts";
import { cw } from "../../src/methods/attacks/cw.ts";
import { linf } from "../../src/methods/threat_model.ts";
import type { Split } from "../../src/data/dataset.ts";
import { shapes } from "../../src/data/shapes.ts";
import { dropLabels } from "../../src/data/drop_labels.ts";
import { buildTraining } from "../../src/step/build.ts";
import { checkExperiment } from "../../src/config/check_experiment.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { materialize } from "../../src/nn/module.ts";
import { labelFree } from "../../src/methods/objectives/label_free.ts";
import { mca } from "../../src/methods/regularizers/mca.ts";
import type { Objective } from "../../src/methods/objective.ts";
import type { Stateful } from "../../src/methods/stateful.ts";
import { TrainedNetwork } from "../../src/step/trained_network.ts";
import { compileStep } from "../../src/step/compiled_step.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

const dataset = shapes({ seed: 1, train: 60, test: 8 });
const weight = { kind: "constant", value: 2 } as const;

const experiment: Experiment = {
  ...EXAMPLE,
  batchSize: 16,
  student: { network: "resnet8", width: 4 },
  teacher: { network: "resnet8", width: 4 },
  attack: { ...EXAMPLE.attack!, steps: 1 } as Experiment["attack"],
  unlabeled: {
    fraction: 0.4,
    batchSize: 10,
    regularizers: [
      { method: "frpat", weight, self: "exclude", reduction: "sum" },
      { method: "pkt", weight },
    ],
  },
};

const { fraction = 0, batchSize } = experiment.unlabeled!;

/** The places of the images whose labels are dropped. */
function unlabeledPlaces(): number[] {
  const count = dataset.train.count;
  const { unlabeled } = dropLabels({
    images: Uint8Array.from({ length: count }, (_, i) => i),
    labels: new Uint8Array(count),
    count,
  }, fraction);
  return [...unlabeled.images];
}

/** What a session holds after so many steps on a split. */
async function after(
  steps: number,
  split: Split,
  changes: Partial<Experiment> = {},
) {
  await using session = await TrainingSession.open(await testDevice(), {
    experiment: { ...experiment, ...changes },
    dataset,
    split,
  });
  for (let step = 0; step < steps; step++) session.runStep(step);
  return await session.save();
}

/** The split with every label of some images changed. */
function relabeled(places: readonly number[]): Split {
  const labels = dataset.train.labels.slice();
  for (const place of places) labels[place] = (labels[place]! + 3) % 10;
  return { ...dataset.train, labels };
}

Deno.test("labels of unlabeled images change no bit, their pixels do", async () => {
  const places = unlabeledPlaces();
  const expected = await after(2, dataset.train);
  assertEquals(await after(2, relabeled(places)), expected);
  const [withLabel] = dataset.train.labels.keys()
    .filter((place) => !places.includes(place));
  const others = await after(2, relabeled([withLabel!]));
  const weights = (state: typeof expected) =>
    state.tensors.student!.get("conv1.weight")!.data;
  assert(weights(others).some((w, i) => w !== weights(expected)[i]));
  const images = dataset.train.images.slice();
  const size = images.length / dataset.train.count;
  for (const place of places) {
    images.fill(255, place * size, place * size + size / 3);
  }
  const repainted = await after(2, { ...dataset.train, images });
  assert(weights(repainted).some((w, i) => w !== weights(expected)[i]));
});

Deno.test("unlabeled images have the terms of their regularizers alone", async () => {
  const { metrics } = await after(1, dataset.train);
  const terms = Object.keys(metrics).filter((name) => !/correct/.test(name));
  assertEquals(terms, [
    "sum of natural",
    "sum of robust",
    "sum of relation",
    "sum of unlabeled relation",
    "sum of unlabeled pkt",
    "sum of teacher",
  ]);
  assert(terms.every((name) => metrics[name]! > 0));
  // Only labeled images are counted as right or wrong: 16 of a batch at most.
  assert(metrics["sum of clean correct"]! <= 16);
});

Deno.test("a session with unlabeled images goes on bit by bit in any round", async () => {
  // 24 images in batches of 10 are rounds of two steps; 36 at 16 epochs of three.
  const open = async () =>
    await TrainingSession.open(await testDevice(), {
      experiment,
      dataset,
      split: dataset.train,
    });
  const expected = await after(5, dataset.train);
  await using first = await open();
  for (let step = 0; step < 3; step++) first.runStep(step);
  const state = await first.save();
  await using second = await open();
  second.restore(state, "a test");
  for (let step = 3; step < 5; step++) second.runStep(step);
  assertEquals(await second.save(), expected);
});

/** Compiles a training with an objective for images without labels. */
function compileWith(
  objective: Objective | Stateful<Objective>,
  { attack, images = 24 }: {
    readonly attack?: Attack;
    readonly images?: number;
  } = {},
) {
  const training = buildTraining(experiment, { classes: 10 });
  const { student, teacher } = training;
  return compileStep({
    hyperparameters: experiment,
    method: {
      ...training,
      attack: attack ?? training.attack,
      unlabeled: { objective, batchSize },
    },
    student: new TrainedNetwork(materialize(student, "student")),
    teacher: new TrainedNetwork(materialize(teacher!, "teacher")),
  }, {
    count: 36,
    unlabeled: images,
    shape: dataset.shape,
    adapterClass: "software",
  });
}

Deno.test("what looks at labels cannot be asked of images without them", () => {
  const others = mca({ weight, negatives: 3, temperature: 1, momentum: 0.5 });
  assertThrows(
    () => compileWith(labelFree(others)),
    TypeError,
    "Cannot view labels",
  );
  const attack = cw({
    threat: linf(0.1),
    steps: 1,
    stepSize: 0.1,
    start: { kind: "uniform", clip: true },
  });
  assertThrows(
    () => compileWith(labelFree(), { attack }),
    TypeError,
    "Cannot view labels",
  );
});

Deno.test("fewer unlabeled images than a batch has are refused", () => {
  assertThrows(
    () => compileWith(labelFree(), { images: 9 }),
    UserError,
    "expected at least 10 images without labels, which are a batch, but found 9",
  );
});

Deno.test("checkExperiment() refuses what unlabeled images cannot be used for", () => {
  const refused = (
    changes: Partial<NonNullable<Experiment["unlabeled"]>>,
    others: Partial<Experiment>,
    message: string,
  ) => {
    const unlabeled = { ...experiment.unlabeled!, ...changes };
    assertThrows(
      () => checkExperiment({ ...experiment, unlabeled, ...others }),
      UserError,
      message,
    );
  };
  checkExperiment(experiment);
  refused({ fraction: 1 }, {}, "above 0 and below 1 but found 1");
  refused({ batchSize: 1 }, {}, "unlabeled.batchSize");
  refused({ regularizers: [] }, {}, "a JSON array of at least 1 but found []");
  const contrast = { weight, negatives: 3, temperature: 1, momentum: 0.5 };
  const regularizers = [{ method: "mca", ...contrast }] as const;
  refused({ regularizers }, {}, "one that needs no labels but found mca");
  const start = { kind: "clean" } as const;
  const attack = { ...experiment.attack!, start } as Experiment["attack"];
  refused(
    {},
    { attack },
    "one with a random start that needs no labels (pgd, mim,",
  );
});
