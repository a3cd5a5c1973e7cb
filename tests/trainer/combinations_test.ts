// Any method with any regularizers, for any teacher and student: one step each, of
// networks of two layers whose features differ in length. What a whole step leaves
// in the teacher tells which gradients reached it.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { pgd, strategicPgd } from "../../src/methods/attacks/mod.ts";
import { linf } from "../../src/methods/threat_model.ts";
import type { Split } from "../../src/data/dataset.ts";
import { globalAveragePool, relu } from "../../src/nn/functional.ts";
import { BatchNorm2d, Conv2d, Linear, type Mode } from "../../src/nn/layers.ts";
import { materialize } from "../../src/nn/module.ts";
import { Network, type Output } from "../../src/nn/network.ts";
import { preActResNet18 } from "../../src/nn/preact_resnet.ts";
import { resnet18Lbgat, resnet8 } from "../../src/nn/resnet.ts";
import { wideResNet } from "../../src/nn/wide_resnet.ts";
import * as methods from "../../src/methods/objectives/mod.ts";
import type { Objective } from "../../src/methods/objective.ts";
import type { Regularizer } from "../../src/methods/regularizer.ts";
import type { Stateful } from "../../src/methods/stateful.ts";
import { words } from "../../src/base/random_sequence.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { TrainedNetwork } from "../../src/step/trained_network.ts";
import { compileStep } from "../../src/step/compiled_step.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import type { StoredTensor } from "../../src/weights/stored_tensor.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

const CLASSES = 3, COUNT = 12, SIZE = 6;
const shape = { channels: 3, height: SIZE, width: SIZE } as const;

/** A convolution, a normalization and a head, with features of any length. */
class Small extends Network {
  readonly classes: number;
  readonly featureSize: number;
  readonly conv: Conv2d;
  readonly norm: BatchNorm2d;
  readonly linear: Linear;

  constructor(featureSize: number, classes = CLASSES) {
    super();
    this.classes = classes;
    this.featureSize = featureSize;
    this.conv = new Conv2d([3, featureSize], { kernelSize: 3 });
    this.norm = new BatchNorm2d(featureSize);
    this.linear = new Linear([featureSize, classes]);
  }

  call(x: Tensor, mode: Mode): Output {
    const y = relu(this.norm.call(this.conv.call(x), { mode }));
    const features = globalAveragePool(y);
    return { logits: this.linear.call(features), features };
  }
}

const threat = linf(0.1);
const start = { kind: "uniform", clip: true } as const;
const attack = pgd({
  threat,
  steps: 1,
  stepSize: 0.05,
  start,
});

const OBJECTIVES: readonly (Objective | Stateful<Objective>)[] = [
  methods.vanillaAt(),
  methods.trades({ beta: 6 }),
  methods.mart({ beta: 6 }),
  methods.alp({ weight: 1 }),
  methods.gairat({ lambda: -1, fromEpoch: 1 }),
  ...(["none", "vanilla-at", "alp"] as const).map((kind) => ({
    ...methods.lbgat({ base: { kind }, detach: false }),
    name: `lbgat (${kind})`,
  })),
  methods.lbgat({ base: { kind: "trades", beta: 6 }, detach: false }),
  methods.lbgat({ base: { kind: "trades", beta: 6 }, detach: true }),
  methods.las({
    base: { kind: "trades" },
    candidates: {
      epsilon: [0.05, 0.1],
      stepSize: [0.02, 0.05],
      steps: [1, 2],
      beta: [5, 6],
    },
    trunk: (classes) => new Small(4, classes),
    interval: 1,
    descent: {
      learningRate: 1e-4,
      largestNorm: 1,
      optimizer: { momentum: 0.9, nesterov: false, weightDecay: 0 },
    },
    reward: { attack, robust: 8, clean: 4, limit: 20 },
  }),
];

/** Every regularizer, with a weight. */
function regularizers(
  value: number,
): readonly (Regularizer | Stateful<Regularizer>)[] {
  const weight = { kind: "constant", value } as const;
  const contrast = { weight, negatives: 4, temperature: 0.5, momentum: 0.5 };
  return [
    methods.frpat({ weight }),
    methods.rkd({ weight, distance: 25, angle: 50 }),
    methods.absoluteRelation({ weight }),
    methods.pkt({ weight }),
    methods.crd({ ...contrast, dimension: 5 }),
    methods.mca(contrast),
  ];
}

interface Method {
  readonly objective: Objective | Stateful<Objective>;
  readonly student?: Network;
  readonly teacher?: Network;
  /** Whether the method has an attack. */
  readonly attacked?: boolean;
}

async function compiled(
  { objective, attacked = true, ...networks }: Method,
) {
  const { student = new Small(7), teacher = new Small(5) } = networks;
  const follows = objective.name.startsWith("las");
  const { adapter } = await testDevice();
  return compileStep({
    hyperparameters: { ...EXAMPLE, batchSize: 8 },
    method: {
      objective,
      attack: !attacked
        ? null
        : follows
        ? strategicPgd({ start, startEpsilon: 0.1, steps: 2 })
        : attack,
      attackMode: "eval",
      weightPerturbation: null,
    },
    student: new TrainedNetwork(materialize(student, "student")),
    teacher: new TrainedNetwork(materialize(teacher, "teacher")),
  }, { count: COUNT, shape, ...adapter });
}

const split: Split = {
  images: new Uint8Array(
    words({ seed: 1, stream: "images", step: 0 }, COUNT * 27).buffer,
  ),
  labels: Uint8Array.from({ length: COUNT }, (_, i) => i % CLASSES),
  count: COUNT,
};

/** What one step leaves. */
async function step(method: Method) {
  await using session = await TrainingSession.start(await testDevice(), {
    step: await compiled(method),
    split,
  });
  session.runStep(0);
  return await session.save();
}

function differ(
  a: ReadonlyMap<string, StoredTensor>,
  b: ReadonlyMap<string, StoredTensor>,
): boolean {
  return [...a].some(([name, { data }]) =>
    data.some((value, i) => value !== b.get(name)!.data[i])
  );
}

for (const base of OBJECTIVES) {
  Deno.test(`${base.name}: every regularizer joins it at once, moves the student, and no bit of the teacher`, async () => {
    const [without, ...weighted] = await Promise.all(
      [[], regularizers(1), regularizers(0)].map((added) =>
        step({ objective: methods.regularized(base, ...added) })
      ),
    );
    const [one, none] = weighted;
    const own = Object.keys(without!.metrics);
    for (const { name } of regularizers(1)) {
      const sum = one!.metrics[`sum of ${name}`]!;
      assert(Number.isFinite(sum) && sum > 0, name);
      assertEquals(none!.metrics[`sum of ${name}`], 0);
      assert(!own.includes(`sum of ${name}`));
    }
    const velocity = ({ tensors }: typeof one & object, who: string) =>
      tensors[`velocity.${who}` as keyof typeof tensors]!;
    assert(differ(velocity(one!, "student"), velocity(none!, "student")));
    assert(!differ(velocity(one!, "teacher"), velocity(none!, "teacher")));
    assert(!differ(velocity(one!, "teacher"), velocity(without!, "teacher")));
  });

  for (const regularizer of regularizers(1)) {
    Deno.test(`${base.name} + ${regularizer.name} compiles`, async () => {
      const objective = methods.regularized(base, regularizer);
      const { programs } = await compiled({ objective });
      assert(programs.full.blocks.length > 0);
    });
  }
}

Deno.test("LBGAT's squared error reaches the teacher, that of LBGAT_detach does not", async () => {
  const teacherOf = async (objective: Objective) =>
    (await step({ objective })).tensors["velocity.teacher"]!;
  const lbgat = (detach: boolean) =>
    methods.lbgat({ base: { kind: "vanilla-at" }, detach });
  // Without a term that looks at it, the teacher has its cross-entropy alone.
  const alone = await teacherOf(methods.vanillaAt());
  assert(differ(await teacherOf(lbgat(false)), alone));
  assert(!differ(await teacherOf(lbgat(true)), alone));
});

/** Features of 16, 640, 512, 64 and 256 numbers. */
const PAIRS: readonly (readonly [string, () => Network, () => Network])[] = [
  [
    "ResNet-8 beside LBGAT's ResNet-18",
    () => resnet8({ classes: CLASSES, width: 4 }),
    () => resnet18Lbgat({ classes: CLASSES }),
  ],
  [
    "WRN-16-10 beside itself",
    () => wideResNet({ classes: CLASSES, depth: 16, width: 10 }),
    () => wideResNet({ classes: CLASSES, depth: 16, width: 10 }),
  ],
  [
    "PreAct ResNet-18 beside WRN-10-1",
    () => preActResNet18({ classes: CLASSES }),
    () => wideResNet({ classes: CLASSES, depth: 10, width: 1 }),
  ],
];

for (const [name, student, teacher] of PAIRS) {
  Deno.test(`${name}: TRADES with every regularizer compiles`, async () => {
    const base = methods.trades({ beta: 6 });
    const objective = methods.regularized(base, ...regularizers(1));
    const { programs } = await compiled({
      objective,
      student: student(),
      teacher: teacher(),
    });
    assert(programs.full.blocks.length > 0);
  });
}

Deno.test("standard training has no adversarial images for a regularizer", async () => {
  const [relation] = regularizers(1);
  const objective = methods.regularized(methods.standard(), relation!);
  await assertRejects(
    () => compiled({ objective, attacked: false }),
    TypeError,
    "Cannot view adversarial images: expected an attack but found none",
  );
});
