// What holds for every method as it is trained, whatever it is made of: every
// objective alone and under all regularizers at once, every regularizer alone, every
// training attack, and weight perturbation. Measurements are finite; a step submits
// work and neither waits for the device nor makes buffers on it; and a run that goes
// on from a file has the bytes of one that never stopped, so that equal runs are
// equal. Networks and images are as small as they can be.

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import type {
  AttackConfig,
  Experiment,
  ObjectiveConfig,
  RegularizerConfig,
  TrainingAttackConfig,
} from "../../src/config/experiment.ts";
import { checkExperiment } from "../../src/config/check_experiment.ts";
import type { StrategyConfig } from "../../src/methods/objectives/las_kinds.ts";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../src/runs/checkpoint.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

const SHAPE = { channels: 3, height: 8, width: 8 } as const;
const CLASSES = 3;
const TINY = { network: "resnet8", width: 2 } as const;

/** Images whose brightness says their class; an epoch is 4 + 4 + 2 of them. */
const SPLIT = {
  count: 10,
  images: Uint8Array.from(
    { length: 10 * 192 },
    (_, i) =>
      (37 * i * i + 11 * i) % 120 + 60 * (Math.floor(i / 192) % CLASSES),
  ),
  labels: Uint8Array.from({ length: 10 }, (_, i) => i % CLASSES),
};
/** An epoch and a part of the next; stops are after the first of them. */
const STEPS = 4, STOP = 2;

const ball = { norm: "linf", epsilon: "8/255" } as const;
const start = { kind: "uniform", clip: true } as const;
const iteration = { ...ball, stepSize: "4/255", steps: 2, start } as const;
const pgd: AttackConfig = { method: "pgd", ...iteration };
const restarts: AttackConfig = {
  method: "pgd-restarts",
  ...iteration,
  restarts: 2,
  stop: true,
};

const strategy: StrategyConfig = {
  network: TINY,
  epsilon: ["4/255", "8/255"],
  stepSize: ["2/255", "4/255"],
  steps: [1, 2],
  beta: [],
  interval: 2,
  optimizer: {
    learningRate: 0.1,
    momentum: 0.9,
    weightDecay: 1e-4,
    largestNorm: 1,
  },
  reward: { attack: restarts, robust: 4, clean: 2, limit: 10 },
};

const OBJECTIVES: Readonly<Record<string, ObjectiveConfig>> = {
  "standard": { method: "standard" },
  "vanilla AT": { method: "vanilla-at" },
  "TRADES": { method: "trades", beta: 6, cleanForwards: 2 },
  "TRADES, one forward": { method: "trades", beta: 6, cleanForwards: 1 },
  "MART": { method: "mart", beta: 6 },
  "ALP": { method: "alp", weight: 1 },
  "GAIRAT": { method: "gairat", lambda: -1, fromEpoch: 2 },
  "LBGAT": { method: "lbgat", base: { kind: "none" }, detach: false },
  "LBGAT + vanilla AT": {
    method: "lbgat",
    base: { kind: "vanilla-at" },
    detach: false,
  },
  "LBGAT detached": {
    method: "lbgat",
    base: { kind: "vanilla-at" },
    detach: true,
  },
  "LBGAT + TRADES": {
    method: "lbgat",
    base: { kind: "trades", beta: 6 },
    detach: false,
  },
  "LBGAT + TRADES, beta 0": {
    method: "lbgat",
    base: { kind: "trades", beta: 0 },
    detach: false,
  },
  "LBGAT + ALP": { method: "lbgat", base: { kind: "alp" }, detach: false },
  "LAS-AT": { method: "las-at", smoothing: 0.3, strategy },
  "LAS-TRADES": {
    method: "las-trades",
    strategy: { ...strategy, beta: [5, 9], interval: 1 },
  },
};

const weight = { kind: "constant", value: 1 } as const;
const contrast = {
  weight,
  negatives: 4,
  temperature: 0.1,
  momentum: 0.5,
} as const;
const REGULARIZERS: readonly RegularizerConfig[] = [
  { method: "frpat", weight, self: "exclude", reduction: "sum" },
  { method: "rkd", weight, distance: 25, angle: 50 },
  { method: "absolute-relation", weight },
  { method: "pkt", weight },
  { method: "crd", ...contrast, dimension: 4 },
  { method: "mca", ...contrast },
];

const ATTACKS: readonly TrainingAttackConfig[] = [
  { ...pgd, mode: "train" },
  { ...restarts, mode: "eval" },
  { method: "cw", ...iteration, restarts: 1, stop: false, mode: "eval" },
  { method: "mim", ...iteration, decay: 1, mode: "eval" },
  { method: "fgsm", ...ball, mode: "eval" },
  { method: "fgsm-rs", ...ball, stepSize: "10/255", mode: "train" },
  {
    method: "n-fgsm",
    epsilon: "8/255",
    stepSize: "8/255",
    noise: 2,
    mode: "train",
  },
  {
    method: "friendly-pgd",
    ...iteration,
    noise: 0.001,
    tauRises: [1],
    mode: "eval",
  },
  {
    method: "curriculum-pgd",
    ...iteration,
    level: { from: -1, to: 1, over: 4 },
    mode: "eval",
  },
];

type Method = Partial<
  Pick<Experiment, "attack" | "weightPerturbation" | "recompute">
>;

/** A tiny experiment with the attack and the teacher that its method asks for. */
function experimentOf(
  objective: ObjectiveConfig,
  regularizers: readonly RegularizerConfig[] = [],
  method: Method = {},
): Experiment {
  const strategic = objective.method.startsWith("las");
  const attack: TrainingAttackConfig | null = objective.method === "standard"
    ? null
    : strategic
    ? {
      method: "strategic-pgd",
      epsilon: "8/255",
      start,
      steps: 2,
      mode: "eval",
    }
    : { ...pgd, mode: "eval" };
  const guided = objective.method === "lbgat" ||
    regularizers.some(({ method }) => method !== "mca");
  return {
    ...EXAMPLE,
    epochs: 2,
    batchSize: 4,
    student: TINY,
    teacher: guided ? TINY : null,
    objective,
    regularizers,
    attack,
    ...method,
  };
}

const CASES: readonly (readonly [string, Experiment])[] = [
  ...Object.entries(OBJECTIVES).map(([name, objective]) =>
    [name, experimentOf(objective)] as const
  ),
  // Without an attack there are no adversarial images to compare.
  ...Object.entries(OBJECTIVES).filter(([name]) => name !== "standard").map((
    [name, objective],
  ) =>
    [
      `${name} + all regularizers`,
      experimentOf(objective, REGULARIZERS),
    ] as const
  ),
  ...REGULARIZERS.map((regularizer) =>
    [
      `vanilla AT + ${regularizer.method}`,
      experimentOf({ method: "vanilla-at" }, [regularizer]),
    ] as const
  ),
  ...ATTACKS.map((attack) =>
    [
      `vanilla AT by ${attack.method}`,
      experimentOf({ method: "vanilla-at" }, [], { attack }),
    ] as const
  ),
  ...["vanilla AT", "TRADES", "LBGAT + TRADES", "LAS-TRADES"].map((name) =>
    [
      `${name} + FRPAT under weight perturbation`,
      experimentOf(OBJECTIVES[name]!, REGULARIZERS.slice(0, 1), {
        weightPerturbation: { gamma: 0.01, fromEpoch: 2 },
        recompute: name === "TRADES",
      }),
    ] as const
  ),
];

async function open(experiment: Experiment): Promise<TrainingSession> {
  const classNames = Array.from({ length: CLASSES }, (_, i) => `${i}`);
  return await TrainingSession.open(await testDevice(), {
    experiment,
    dataset: { shape: SHAPE, classNames },
    split: SPLIT,
  });
}

/** A session's state as it would be in a file. */
async function saved(
  session: TrainingSession,
  { step, experiment }: Pick<Checkpoint, "step" | "experiment">,
): Promise<Checkpoint> {
  const state = await session.save();
  const checkpoint: Checkpoint = { ...state, step, epoch: 0, experiment };
  return decodeCheckpoint(encodeCheckpoint(checkpoint), "a test");
}

/** Runs steps while waiting for the device and making buffers are refused. */
function runSteps(session: TrainingSession, from: number, to: number): void {
  const allowed = [
    refuse(GPUBuffer.prototype, "mapAsync"),
    refuse(GPUDevice.prototype, "createBuffer"),
  ];
  try {
    for (let step = from; step < to; step++) session.runStep(step);
  } finally {
    for (const allow of allowed) allow();
  }
}

/** Makes a method throw, until what is returned is called. */
function refuse(prototype: object, method: string): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, method)!;
  Object.defineProperty(prototype, method, {
    ...own,
    value: () => {
      throw new TypeError(`A step calls ${method}`);
    },
  });
  return () => Object.defineProperty(prototype, method, own);
}

for (const [name, experiment] of CASES) {
  Deno.test(`${name}: it measures numbers, reads nothing back, and goes on bit by bit`, async () => {
    checkExperiment(experiment);
    await using whole = await open(experiment);
    const first = await saved(whole, { step: 0, experiment });
    runSteps(whole, 0, STOP);
    const stopped = await saved(whole, { step: STOP, experiment });
    runSteps(whole, STOP, STEPS);
    const last = await saved(whole, { step: STEPS, experiment });
    const sums = Object.entries(last.metrics);
    assert(sums.length > 0);
    for (const [what, sum] of sums) assert(Number.isFinite(sum), what);
    assertNotEquals(last.tensors.student, first.tensors.student);

    // The same plans once more, with other contents in between.
    whole.restore(stopped, "a test");
    runSteps(whole, STOP, STEPS);
    const again = await saved(whole, { step: STEPS, experiment });
    assertEquals(again.tensors, last.tensors);
    assertEquals(again.metrics, last.metrics);
  });
}

Deno.test("the guard of these tests sees a session that reads back", async () => {
  const allow = refuse(GPUBuffer.prototype, "mapAsync");
  try {
    await using session = await open(experimentOf(OBJECTIVES["standard"]!));
    session.runStep(0);
    await assertRejects(() => session.sums(), TypeError, "A step calls");
  } finally {
    allow();
  }
});

Deno.test("weight perturbation changes nothing, to the bit, before its first epoch, and then does", async () => {
  const trained = async (weightPerturbation: Method["weightPerturbation"]) => {
    const objective = OBJECTIVES["TRADES"]!;
    const method = { weightPerturbation: weightPerturbation ?? null };
    const experiment = experimentOf(objective, REGULARIZERS, method);
    await using session = await open(experiment);
    runSteps(session, 0, 3);
    const { tensors } = await saved(session, { step: 3, experiment });
    return tensors;
  };
  const plain = await trained(null);
  assertEquals(await trained({ gamma: 0.01, fromEpoch: 2 }), plain);
  const perturbed = await trained({ gamma: 0.01, fromEpoch: 1 });
  assertNotEquals(perturbed.student, plain.student);
});

Deno.test("every kind of training starts anew from its seed", async () => {
  const experiment = experimentOf(OBJECTIVES["LAS-AT"]!, REGULARIZERS);
  const [one, other] = await Promise.all([0, 1].map(async () => {
    await using session = await open(experiment);
    runSteps(session, 0, STEPS);
    return (await saved(session, { step: STEPS, experiment })).tensors;
  }));
  assertEquals(one, other);
});
