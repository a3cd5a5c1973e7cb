// Attacks that stop example by example or give each a budget, and PGD's survival rate,
// against PyTorch on a small network: which examples move in which step, and where
// they end. Both sides draw start and noise from the same addresses.

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Attack } from "../../../src/methods/attack.ts";
import { curriculumPgd } from "../../../src/methods/attacks/curriculum_pgd.ts";
import { earlyStoppedPgd } from "../../../src/methods/attacks/early_stopped_pgd.ts";
import { friendlyPgd } from "../../../src/methods/attacks/friendly_pgd.ts";
import { strategicPgd } from "../../../src/methods/attacks/strategic_pgd.ts";
import { pgd, startingPoint } from "../../../src/methods/attacks/pgd.ts";
import {
  ATTACK_STRATEGY,
  type AttackStrategy,
  type Signal,
  Signals,
  SURVIVAL_RATE,
} from "../../../src/methods/signal.ts";
import { linf } from "../../../src/methods/threat_model.ts";
import { Memory } from "../../../src/gpu/memory.ts";
import { Plan } from "../../../src/gpu/plan.ts";
import { compile } from "../../../src/graph/compile.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../../src/graph/tensor.ts";
import { crossEntropy } from "../../../src/nn/losses.ts";
import { materialize } from "../../../src/nn/module.ts";
import { resnet8 } from "../../../src/nn/resnet.ts";
import { fill } from "../../../src/ops/fill.ts";
import { store } from "../../../src/ops/store.ts";
import { testDevice } from "../../support/check_op.ts";
import {
  assertSummary,
  imagesInPyTorchOrder,
  noiseBatch,
  summarized,
  writeRebuilt,
} from "../../support/fixture.ts";
import { readFixture } from "../../support/read_fixture.ts";

const FIXTURE = readFixture("early_stopping");
const DRAW = FIXTURE.get("draw")!.values[0]!;
const LEVELS = FIXTURE.get("levels")!.values;
const STEPS = 6;
const BATCH = {
  ...noiseBatch(6, DRAW),
  labels: Uint32Array.from(FIXTURE.get("labels")!.values),
};

const BUDGET = {
  threat: linf(16 / 255),
  stepSize: 2 / 255,
  steps: STEPS,
  start: { kind: "uniform", clip: true },
} as const;

/** No step is taken. */
const START: Attack = {
  name: "start",
  maximize: (_, inputs) => startingPoint(inputs, BUDGET),
};

interface Attacked {
  readonly images: Float32Array<ArrayBuffer>;
  /** What the attack recorded, if anything. */
  readonly survived: Float32Array | null;
}

/** Attacks the fixture's network in an epoch, as was planned for each example. */
async function attacked(
  attack: Attack,
  { epoch = 1, strategy }: {
    readonly epoch?: number;
    readonly strategy?: Readonly<
      Record<keyof AttackStrategy, readonly number[]>
    >;
  } = {},
): Promise<Attacked> {
  const device = await testDevice();
  using memory = new Memory(device);
  const network = materialize(resnet8({ classes: 10 }), "network");
  writeRebuilt(memory, network);
  const x = new Variable("x", BATCH.shape);
  const labels = new Variable("labels", [6], "u32");
  const step = new Variable("step", [], "u32");
  memory.write(x, BATCH.images);
  memory.write(labels, BATCH.labels);
  memory.write(step, Uint32Array.of(DRAW));
  const graph = new Graph();
  const given = (numbers: readonly number[]) => {
    const variable = new Variable("given", [6]);
    memory.write(variable, Float32Array.from(numbers));
    return graph.read(variable);
  };
  const signals = new Signals();
  if (strategy) {
    const { epsilon, stepSize, steps } = strategy;
    signals.record(ATTACK_STRATEGY, {
      epsilon: given(epsilon),
      stepSize: given(stepSize),
      steps: given(steps),
    });
  }
  const logits = (images: Tensor) => network.module.call(images, "eval").logits;
  const recorded = new Map<Signal, Tensor>();
  const found = attack.maximize((at) => crossEntropy(logits(at), labels), {
    images: graph.read(x),
    labels: graph.read(labels),
    logits,
    random: { seed: 1, stream: "attack", step: graph.read(step) },
    epoch: fill(graph, { shape: [], value: epoch }),
    read: (signal) => signals.read(signal),
    record: (signal, values) => recorded.set(signal, values),
  });
  const survived = recorded.get(SURVIVAL_RATE);
  const results = [found, ...(survived ? [survived] : [])].map((value) => {
    const result = new Variable("result", value.shape);
    store(value, result);
    return result;
  });
  const program = compile(graph, { ...device.adapter, name: attack.name });
  using plan = await Plan.bind(program, memory);
  plan.run();
  const [images, shares] = await memory.read(results);
  return {
    images: new Float32Array(images!),
    survived: shares ? new Float32Array(shares) : null,
  };
}

/** Fails unless images are where PyTorch's rule left them. */
function assertImages(images: Float32Array<ArrayBuffer>, rule: string): void {
  const found = imagesInPyTorchOrder(images, BATCH.shape);
  const { values } = FIXTURE.get(`${rule}/images`)!;
  assertSummary(summarized("images", found), values, {
    what: rule,
    tolerance: 1e-6,
  });
}

Deno.test("pgd() records for how many of its steps examples held", async () => {
  const { images, survived } = await attacked(pgd(BUDGET));
  assertImages(images, "pgd");
  const expected = FIXTURE.get("pgd/survived")!.values;
  survived!.forEach((share, i) =>
    assert(Math.abs(share - expected[i]!) < 1e-6, `example ${i}: ${share}`)
  );
  // The test would show nothing if all examples fell at once.
  assert(new Set(expected).size > 2 && expected.includes(0));
});

Deno.test("friendlyPgd() stops tau steps after the first mistake, and tau rises after its epochs", async () => {
  const attack = friendlyPgd({ ...BUDGET, noise: 0.001, tauRises: [50, 90] });
  for (const [epoch, tau] of [[50, 0], [51, 1], [91, 2]] as const) {
    const { images } = await attacked(attack, { epoch });
    assertImages(images, `friendly_${tau}`);
  }
});

Deno.test("curriculumPgd() stops at its epoch's difficulty", async () => {
  const [low, high] = LEVELS as [number, number];
  const level = { from: 2 * low - high, to: high, over: 10 };
  const attack = curriculumPgd({ ...BUDGET, level });
  for (const [epoch, rule] of [[5, 0], [10, 1], [200, 1]] as const) {
    const { images } = await attacked(attack, { epoch });
    assertImages(images, `curriculum_${rule}`);
  }
});

Deno.test("strategicPgd() gives every example its own radius, step and number of steps", async () => {
  const { start } = BUDGET;
  const attack = strategicPgd({ start, startEpsilon: 16 / 255, steps: STEPS });
  const strategy = {
    epsilon: [3, 6, 9, 12, 15, 8].map((n) => n / 255),
    stepSize: [1, 2, 3, 4, 1, 2].map((n) => n / 255),
    steps: [1, 6, 3, 2, 5, 4],
  };
  const { images } = await attacked(attack, { strategy });
  assertImages(images, "strategic");
  await assertRejects(
    () => attacked(attack),
    TypeError,
    "Cannot read the attack strategy: expected an attack or an objective that " +
      "records it but found nothing recorded",
  );
});

Deno.test("earlyStoppedPgd() is pgd() where nothing is enough, and moves nothing where all is", async () => {
  const rule = (value: number) => ({
    ...BUDGET,
    name: "rule",
    enough: (logits: Tensor) => fill(logits.graph, { shape: [6], value }),
  });
  const [never, always, plain] = await Promise.all(
    [earlyStoppedPgd(rule(0)), earlyStoppedPgd(rule(1)), pgd(BUDGET)]
      .map((attack) => attacked(attack)),
  );
  assertEquals(never!.images, plain!.images);
  const start = await attacked(START);
  assertEquals(always!.images, start.images);
});

Deno.test("friendlyPgd() leaves alone what is misclassified from the beginning", async () => {
  const labels = BATCH.labels.map((label) => (label + 1) % 10);
  const kept = BATCH.labels.slice();
  BATCH.labels.set(labels);
  try {
    const attack = friendlyPgd({ ...BUDGET, noise: 0.001, tauRises: [] });
    const start = await attacked(START);
    assertEquals((await attacked(attack)).images, start.images);
  } finally {
    BATCH.labels.set(kept);
  }
});
