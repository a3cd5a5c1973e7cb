// Classifier.fit() on arrays: that it trains as runs do, with teachers and with images
// without labels.

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { join } from "@std/path";
import * as frpat from "../../mod.ts";
import { decodeSafeTensors } from "../../src/weights/safetensors.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";
import { withFolder } from "../support/temporary_folder.ts";
import {
  examples,
  HEIGHT,
  Small,
  small,
  training,
  VALUES,
  WIDTH,
} from "../support/small_classifier.ts";

const { data, experiments, objectives } = frpat;

Deno.test("Classifier.fit() ends with the bytes of a run's training", async () => {
  const device = await testDevice();
  const contrast = {
    weight: { kind: "constant", value: 0.5 },
    negatives: 12,
    temperature: 0.1,
    momentum: 0.5,
  } as const;
  const regularizers = [
    ...EXAMPLE.regularizers,
    { method: "crd", dimension: 8, ...contrast } as const,
    { method: "mca", ...contrast } as const,
  ];
  const experiment = { ...EXAMPLE, epochs: 2, batchSize: 16, regularizers };
  const dataset = data.shapes({ train: 40, test: 8 });
  const { train: split, shape } = dataset;
  await using session = await TrainingSession.open(device, {
    experiment,
    dataset,
    split,
  });
  for (let step = 0; step < 6; step++) session.runStep(step);
  const { tensors } = await session.save();

  const setup = experiments.buildTraining(experiment, { classes: 10 });
  using model = new frpat.Classifier(device, {
    network: setup.student,
    seed: experiment.seed,
    ...shape,
  });
  const epochs: number[] = [];
  await model.fit(split, {
    ...setup,
    onEpoch: (means, epoch) => {
      epochs.push(epoch);
      assertEquals(Object.keys(means.terms), [
        "natural",
        "robust",
        "relation",
        "crd",
        "mca",
        "teacher",
      ]);
    },
  });
  assertEquals(epochs, [1, 2]);
  await withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    await model.save(path);
    const saved = decodeSafeTensors(await Deno.readFile(path), path);
    assertEquals(saved.tensors, tensors.student);
  });
});

Deno.test("Classifier.fit() takes a teacher from a file, and can leave it as it is", async () => {
  const { images, labels } = examples(24);
  const relation = objectives.frpat({ weight: { kind: "constant", value: 5 } });
  const objective = objectives.regularized(objectives.vanillaAt(), relation);
  await withFolder(async (folder) => {
    const from = join(folder, "teacher.safetensors");
    using standard = await small({ seed: 3 });
    await standard.save(from);
    const terms: string[][] = [];
    const fit = async (pretrained: frpat.FitOptions["pretrained"] = null) => {
      using model = await small();
      await model.fit({ images, labels }, {
        ...training,
        objective,
        epochs: 1,
        teacher: new Small(),
        pretrained,
        onEpoch: (means) => terms.push(Object.keys(means.terms)),
      });
      return await model.predict(images);
    };
    const anew = await fit();
    const frozen = await fit({ from, frozen: true, mode: "eval" });
    assertNotEquals(frozen, anew);
    assertEquals(terms, [
      ["adversarial", "relation", "teacher"],
      ["adversarial", "relation"],
    ]);
    await assertRejects(
      () => fit({ from: join(folder, "none"), frozen: true, mode: "eval" }),
      Error,
      "Cannot read the teacher",
    );
  });
});

Deno.test("Classifier.fit() learns from images without labels, dropped or given", async () => {
  const { images, labels } = examples(24);
  const weight = { kind: "constant", value: 5 } as const;
  const objective = objectives.labelFree(objectives.frpat({ weight }));
  const others = { objective, batchSize: 4 };
  const predictions: Float32Array[] = [];
  const given = examples(40).images.subarray(24 * VALUES);
  for (
    const unlabeled of [
      null,
      { ...others, fraction: 0.25 },
      { ...others, images: given },
    ]
  ) {
    using model = await small();
    const terms: string[][] = [];
    await model.fit({ images, labels }, {
      ...training,
      epochs: 1,
      teacher: unlabeled ? new Small() : null,
      unlabeled,
      onEpoch: (means) => terms.push(Object.keys(means.terms)),
    });
    const added = unlabeled ? ["unlabeled relation", "teacher"] : [];
    assertEquals(terms, [["adversarial", ...added]]);
    predictions.push(await model.predict(images));
  }
  const [none, dropped, own] = predictions;
  assertNotEquals(dropped, none);
  assertNotEquals(own, none);
  assertNotEquals(own, dropped);
  using model = await small();
  await assertRejects(
    () =>
      model.fit({ images, labels }, {
        ...training,
        epochs: 1,
        teacher: new Small(),
        unlabeled: { ...others, images: given.subarray(1) },
      }),
    TypeError,
    "Cannot use the images without labels",
  );
});

Deno.test("Classifier.fit() goes on from the values that the network has", async () => {
  using model = await small();
  const { images, labels } = examples(24);
  const start = await model.predict(images);
  await model.fit({ images, labels }, { ...training, epochs: 2 });
  const trained = await model.predict(images);
  assertNotEquals(trained, start);
  // Without a step to take, only the running statistics move.
  const optimizer = {
    momentum: 0,
    nesterov: false,
    weightDecay: 0,
    learningRate: { kind: "cosine", initial: 0 },
  } as const;
  await withFolder(async (folder) => {
    const tensors = async (name: string) => {
      const path = join(folder, name);
      await model.save(path);
      return decodeSafeTensors(await Deno.readFile(path), path).tensors;
    };
    const before = await tensors("before");
    await model.fit({ images, labels }, { ...training, epochs: 1, optimizer });
    const after = await tensors("after");
    assertEquals(after.get("conv.weight"), before.get("conv.weight"));
    assertNotEquals(
      after.get("norm.running_mean"),
      before.get("norm.running_mean"),
    );
  });
});

Deno.test("Classifier.fit() learns what it is shown", async () => {
  using model = await small();
  const shown = examples(48);
  const accuracies: (number | null)[] = [];
  await model.fit(shown, {
    objective: objectives.standard(),
    epochs: 20,
    batchSize: 16,
    onEpoch: ({ cleanAccuracy }) => accuracies.push(cleanAccuracy),
  });
  assertEquals(accuracies.length, 20);
  assert(await model.accuracy(shown) > 0.9, `${accuracies}`);
});

Deno.test("Classifier.fit() learns classes beyond those that a byte can name", async () => {
  const network = new Small(300);
  using model = new frpat.Classifier(await testDevice(), {
    network,
    height: HEIGHT,
    width: WIDTH,
  });
  const { images } = examples(16);
  const labels = new Array<number>(16).fill(299);
  await model.fit({ images, labels }, { ...training, epochs: 4 });
  assertEquals(await model.accuracy({ images, labels }), 1);
  const sameByte = labels.map((label) => label % 256);
  assertEquals(await model.accuracy({ images, labels: sameByte }), 0);
});
