// The library as its users see it: own networks, objectives and attacks on arrays,
// and the promise that it trains and attacks as runs do.

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import * as frpat from "../../mod.ts";
import { encodeCheckpoint } from "../../src/runs/checkpoint.ts";
import { Evaluator } from "../../src/evaluation/accuracy.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { networkTensors } from "../../src/weights/network_tensors.ts";
import { initialValues, materialize } from "../../src/nn/module.ts";
import { ResidentSplit } from "../../src/step/resident_split.ts";
import { decodeSafeTensors } from "../../src/weights/safetensors.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import { testDevice } from "../support/check_op.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

const { attacks, data, experiments, functional, nn, objectives } = frpat;

/** Two layers, with a normalization and its statistics between them. */
class Small extends frpat.Network {
  readonly classes = 3;
  readonly featureSize = 8;
  readonly conv: InstanceType<typeof nn.Conv2d> = new nn.Conv2d([3, 8], {
    kernelSize: 3,
    stride: 2,
  });
  readonly norm: InstanceType<typeof nn.BatchNorm2d> = new nn.BatchNorm2d(8);
  readonly linear: InstanceType<typeof nn.Linear> = new nn.Linear([8, 3]);

  call(x: frpat.Tensor, mode: frpat.Mode): frpat.Output {
    const y = this.norm.call(this.conv.call(x), { mode, relu: true });
    const features = functional.globalAveragePool(y);
    return { logits: this.linear.call(features), features };
  }
}

const HEIGHT = 6, WIDTH = 10, VALUES = HEIGHT * WIDTH * 3;

/** Images of three classes that differ in brightness, and their labels. */
function examples(count: number) {
  const labels = Array.from({ length: count }, (_, i) => (7 * i) % 3);
  const images = new Uint8Array(count * VALUES).map((_, i) =>
    (37 * i * i + 11 * i) % 160 + 12 * labels[Math.floor(i / VALUES)]!
  );
  return { images, labels };
}

async function small(
  options: { readonly seed?: number; readonly batchSize?: number } = {},
): Promise<frpat.Classifier> {
  const size = { height: HEIGHT, width: WIDTH };
  const network = new Small();
  return new frpat.Classifier(await testDevice(), {
    network,
    ...size,
    ...options,
  });
}

const threat = attacks.linf(8 / 255);
const attack = attacks.pgd({
  threat,
  steps: 5,
  stepSize: 2 / 255,
  start: { kind: "uniform", clip: true },
});
const training = { objective: objectives.vanillaAt(), attack, batchSize: 8 };

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

Deno.test("new Classifier() starts where a run of the same seed starts", async () => {
  await withFolder(async (folder) => {
    using model = await small({ seed: 7 });
    const placed = materialize(new Small(), "student");
    const at = (flat: frpat.Variable) =>
      initialValues(placed, { flat, seed: 7 });
    const expected = networkTensors(placed, {
      parameters: at(placed.parameters),
      buffers: at(placed.buffers!),
    });
    const path = join(folder, "model.safetensors");
    await model.save(path);
    const { tensors } = decodeSafeTensors(await Deno.readFile(path), path);
    assertEquals(tensors, expected);
  });
});

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

Deno.test("Classifier.fit() learns from images without labels, withheld or given", async () => {
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
  const [none, withheld, own] = predictions;
  assertNotEquals(withheld, none);
  assertNotEquals(own, none);
  assertNotEquals(own, withheld);
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
    'expected "survived" but found nothing',
  );
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

Deno.test("Classifier.load() takes what save() wrote, and a run's student", async () => {
  await withFolder(async (folder) => {
    using first = await small({ seed: 1 });
    using second = await small({ seed: 2 });
    const { images } = examples(4);
    const expected = await first.predict(images);
    assertNotEquals(await second.predict(images), expected);
    const path = join(folder, "first.safetensors");
    await first.save(path);
    await second.load(path);
    assertEquals(await second.predict(images), expected);

    const { tensors } = decodeSafeTensors(await Deno.readFile(path), path);
    const run = join(folder, "last.safetensors");
    const checkpoint = {
      step: 0,
      epoch: 0,
      metrics: {},
      experiment: EXAMPLE,
      tensors: { student: tensors },
    };
    await Deno.writeFile(run, encodeCheckpoint(checkpoint));
    using third = await small({ seed: 3 });
    await third.load(run);
    assertEquals(await third.predict(images), expected);
  });
});

Deno.test("Classifier.load() refuses another network's tensors", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    using model = await small();
    await model.save(path);
    using other = new frpat.Classifier(await testDevice(), {
      network: nn.resnet8({ classes: 3, width: 4 }),
      height: HEIGHT,
      width: WIDTH,
    });
    await assertRejects(() => other.load(path), TypeError, "conv.weight");
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
    "fit() on numbers",
    (model) =>
      model.fit({ images: new Float32Array(180), labels: [0] }, {
        ...training,
        epochs: 1,
      }),
    TypeError,
    "Cannot train on images: expected bytes but found 32-bit floats",
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
    UserError,
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

for (const [what, act, error, message] of REFUSED) {
  Deno.test(`Classifier refuses ${what}`, async () => {
    using model = await small();
    await assertRejects(() => act(model), error, message);
    (await testDevice()).check();
  });
}
