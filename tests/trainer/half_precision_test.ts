// Training with activations in half precision: near training in f32, as repeatable,
// with state that is f32 throughout, and never in an evaluation.
//
// Ten steps are chaotic in any precision: attacks take signs of small gradients. In
// f32, kernels that add in another order end 1 % (vanilla AT) and 6 % (TRADES +
// FRPAT) of the way apart that the parameters went; half precision ends 8 % and 10 %
// apart. The first step is not chaotic yet: there terms differ by at most 0.8 %.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { shapes } from "../../src/data/shapes.ts";
import type { Split } from "../../src/data/dataset.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import type { Checkpoint } from "../../src/runs/checkpoint.ts";
import { Device } from "../../src/gpu/device.ts";
import { UserError } from "../../src/base/errors.ts";
import { checkpointNetworks } from "../../src/evaluation/checkpoint_networks.ts";
import { evaluateNetworks } from "../../src/evaluation/network_accuracy.ts";
import { compileTraining } from "../../src/step/compiled_step.ts";
import { type EpochSums, TrainingSession } from "../../src/trainer/session.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

/** Shapes of 16 x 16 pixels: every second one in both directions. */
function smallShapes(count: number): Split {
  const { images, labels } = shapes({ seed: 1, train: count, test: 16 }).train;
  const [side, step] = [16, 2];
  const small = Uint8Array.from({ length: count * 3 * side ** 2 }, (_, i) => {
    const [plane, row, column] = [
      Math.floor(i / side ** 2),
      Math.floor(i / side) % side,
      i % side,
    ];
    return images[
      (plane * side * step + row * step) * side * step +
      column * step
    ]!;
  });
  return { images: small, labels, count };
}

const split = smallShapes(96);
const dataset = {
  shape: { channels: 3, height: 16, width: 16 },
  classNames: shapes({ seed: 1, train: 1, test: 1 }).classNames,
} as const;

/** TRADES + FRPAT, small. */
const relational: Experiment = {
  ...EXAMPLE,
  batchSize: 16,
  student: { network: "resnet8", width: 4 },
  teacher: { network: "resnet8", width: 4 },
  attack: {
    ...EXAMPLE.attack!,
    method: "pgd",
    norm: "linf",
    epsilon: "8/255",
    stepSize: "4/255",
    steps: 2,
    start: { kind: "uniform", clip: true },
  },
  optimizer: {
    ...EXAMPLE.optimizer,
    learningRate: { kind: "cosine", initial: 0.05 },
  },
};

/** Vanilla AT, of the same size. */
const vanilla: Experiment = {
  ...relational,
  teacher: null,
  objective: { method: "vanilla-at" },
  regularizers: [],
};

const CHECKPOINT: Checkpoint = {
  step: 2,
  epoch: 0,
  experiment: relational,
  metrics: {},
  tensors: {},
};

/** Where a run of a few steps led. */
interface Course {
  /** The mean of every term, by step. */
  readonly terms: readonly Readonly<Record<string, number>>[];
  readonly start: Checkpoint["tensors"];
  readonly end: Checkpoint["tensors"];
}

type Precision = Experiment["precision"];

async function open(
  experiment: Experiment,
  precision: Precision,
): Promise<TrainingSession> {
  return await TrainingSession.open(await testDevice(), {
    experiment: { ...experiment, precision },
    dataset,
    split,
  });
}

async function run(
  experiment: Experiment,
  precision: Precision,
  steps = 10,
): Promise<Course> {
  await using session = await open(experiment, precision);
  const { tensors: start } = await session.save();
  const terms: Record<string, number>[] = [];
  let before: EpochSums = {};
  for (let step = 0; step < steps; step++) {
    session.runStep(step);
    const sums = await session.sums();
    const own = Object.entries(sums)
      .filter(([name]) => !name.endsWith("correct"))
      .map(([name, sum]) => [name, (sum - (before[name] ?? 0)) / 16]);
    terms.push(Object.fromEntries(own));
    before = (step + 1) % session.stepsPerEpoch === 0 ? {} : sums;
  }
  return { terms, start, end: (await session.save()).tensors };
}

/** How far apart two courses end, in units of how far the first one went. */
function distance(
  a: Course,
  b: Course,
  network: "student" | "teacher",
): number {
  let [went, apart] = [0, 0];
  for (const [path, { data }] of a.end[network]!) {
    const start = a.start[network]!.get(path)!.data;
    const other = b.end[network]!.get(path)!.data;
    data.forEach((value, i) => {
      went += (value - start[i]!) ** 2;
      apart += (value - other[i]!) ** 2;
    });
  }
  return Math.sqrt(apart / went);
}

function sumOf(terms: Readonly<Record<string, number>>): number {
  return Object.values(terms).reduce((sum, term) => sum + term, 0);
}

for (const experiment of [vanilla, relational]) {
  const { method } = experiment.objective;
  Deno.test(`ten steps in half precision stay near f32: ${method}`, async () => {
    const wide = await run(experiment, "f32");
    const half = await run(experiment, "f16");
    for (const [term, value] of Object.entries(wide.terms[0]!)) {
      const error = Math.abs(half.terms[0]![term]! - value) / value;
      assert(error < 0.02, `${term} of the first step is ${error} apart`);
    }
    wide.terms.forEach((terms, step) => {
      const error = Math.abs(sumOf(half.terms[step]!) / sumOf(terms) - 1);
      assert(error < 0.15, `the loss of step ${step} is ${error} apart`);
    });
    for (const network of ["student", "teacher"] as const) {
      if (!wide.end[network]) continue;
      const apart = distance(wide, half, network);
      assert(apart > 0, "half precision rounds");
      assert(apart < 0.2, `${network} ends ${apart} of the way apart`);
    }
  });
}

Deno.test("half precision is repeatable, and resumes bit by bit from f32 state", async () => {
  const whole = await run(relational, "f16", 4);
  const again = await run(relational, "f16", 4);
  assertEquals(again, whole);

  await using first = await open(relational, "f16");
  first.runStep(0);
  first.runStep(1);
  const stopped = await first.save();
  for (const tensors of Object.values(stopped.tensors)) {
    for (const { data } of tensors.values()) {
      assert(data instanceof Float32Array);
    }
  }
  await using second = await open(relational, "f16");
  second.restore({ ...CHECKPOINT, ...stopped }, "the test");
  second.runStep(2);
  second.runStep(3);
  assertEquals((await second.save()).tensors, whole.end);
});

/** Texts of the kernels that a device is asked to compile from now on. */
function compiledBy({ gpu }: Device): string[] {
  const texts: string[] = [];
  const create = gpu.createShaderModule.bind(gpu);
  Object.defineProperty(gpu, "createShaderModule", {
    value: (descriptor: GPUShaderModuleDescriptor) => {
      texts.push(descriptor.code);
      return create(descriptor);
    },
  });
  return texts;
}

const isHalf = (text: string) => text.startsWith("enable f16;");

Deno.test("an evaluation runs in f32, of whatever training", async () => {
  using device = await Device.open();
  const experiment = { ...relational, precision: "f16" } as const;
  const texts = compiledBy(device);
  await using session = await TrainingSession.open(device, {
    experiment,
    dataset,
    split,
  });
  session.runStep(0);
  assert(texts.some(isHalf));
  const { tensors } = await session.save();

  using other = await Device.open();
  const evaluated = compiledBy(other);
  const tested = {
    ...shapes({ seed: 1, train: 1, test: 1 }),
    ...dataset,
    test: split,
  };
  const results = await evaluateNetworks({
    device: other,
    networks: checkpointNetworks({ ...CHECKPOINT, experiment, tensors }, {
      dataset: tested,
      source: "the test",
    }),
    dataset: tested,
    attacks: experiment.evaluation.attacks,
    batchSize: 16,
    seed: 1,
    limit: 16,
  });
  assertEquals(Object.keys(results), ["student", "teacher"]);
  assert(evaluated.length > 0);
  assertEquals(evaluated.filter(isHalf), []);
});

Deno.test("half precision is refused before anything runs on a device without it", () => {
  const { shape, classNames: { length: classes } } = dataset;
  const setting = { adapterClass: "gpu", count: 96, classes, shape } as const;
  const half = { ...vanilla, precision: "f16" } as const;
  assertThrows(
    () => compileTraining(half, { ...setting, features: ["timestamp-query"] }),
    UserError,
    "Cannot train in half precision: expected an adapter with shader-f16 but " +
      "found timestamp-query",
  );
  compileTraining(vanilla, { ...setting, features: [] });
  compileTraining(half, { ...setting, features: ["shader-f16"] });
  compileTraining(half, setting);
});
