// LAS-AT's and LAS-TRADES' losses and REINFORCE against PyTorch, what the reward is
// made of, and the network that proposes strategies.

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { crossEntropy } from "../../../src/nn/losses.ts";
import { materialize, namedVariables } from "../../../src/nn/module.ts";
import { resnet8 } from "../../../src/nn/resnet.ts";
import {
  BETA,
  IS_UPDATE_STEP,
  las,
  type LasOptions,
  NATURAL_LOSS,
  smoothedCrossEntropy,
} from "../../../src/methods/objectives/las.ts";
import {
  LOG_PROBABILITY,
  policyLoss,
} from "../../../src/methods/objectives/las_reward.ts";
import type { Attack } from "../../../src/methods/attack.ts";
import type { Objective } from "../../../src/methods/objective.ts";
import { ATTACK_STRATEGY, Signals } from "../../../src/methods/signal.ts";
import type { Views } from "../../../src/methods/views.ts";
import { fill } from "../../../src/ops/fill.ts";
import { gatherClass } from "../../../src/ops/loss/gather_class.ts";
import { mean } from "../../../src/ops/reduce/reduce.ts";
import { correct } from "../../../src/ops/loss/margin.ts";
import { logSoftmax } from "../../../src/ops/loss/softmax.ts";
import { runningStatisticsOp } from "../../../src/ops/norm/batch_norm.ts";
import { checkRecorded, HOOKS } from "../../support/recorded_logits.ts";
import { BATCH, evaluateWorld, makeWorld } from "../../support/students.ts";

const OPTIONS: Omit<LasOptions, "base"> = {
  candidates: { epsilon: [0.01, 0.02], stepSize: [0.005], steps: [1, 2, 3] },
  trunk: (classes) => resnet8({ classes, width: 2 }),
  interval: 2,
  descent: {
    learningRate: 1e-4,
    largestNorm: 1,
    optimizer: { momentum: 0, nesterov: false, weightDecay: 0 },
  },
  reward: {
    attack: { name: "none", maximize: (_, { images }) => images },
    robust: 4,
    clean: 2,
    limit: 10,
  },
};
const AT = { kind: "at", smoothing: 0.3 } as const;
const TRADES = { kind: "trades" } as const;

function created(options: LasOptions): Objective {
  return las(options).create({
    classes: 10,
    images: BATCH,
    batchSize: BATCH,
    featureSize: { student: 16, teacher: null },
  });
}

/** The same views, with signals of a test's own and random numbers. */
function reading(views: Views, signals: Signals): Views {
  const answers: Partial<Views> = {
    read: (signal) => signals.read(signal),
    random: (stream) => ({
      seed: 1,
      stream,
      step: fill(views.labels.graph, { shape: [], value: 0, dtype: "u32" }),
    }),
  };
  return new Proxy(views, {
    get: (target, key) =>
      Reflect.get(answers, key) ?? Reflect.get(target, key, target),
  });
}

checkRecorded("smoothed_cross_entropy", {
  build: (views) =>
    created({ ...OPTIONS, base: AT }).terms(views, HOOKS)["adversarial"]!,
  wrt: ["adversarial"],
});

checkRecorded("las_robust", {
  build: (views) =>
    created({ ...OPTIONS, base: TRADES }).terms(views, HOOKS)["robust"]!,
  wrt: ["clean", "adversarial"],
  rounding: 2 ** -20,
});

checkRecorded("policy", {
  build: ({ clean: { logits }, labels }) =>
    policyLoss(
      gatherClass(logSoftmax(logits), labels),
      fill(logits.graph, { shape: [], value: 3.25 }),
    ),
  wrt: ["clean"],
});

for (const base of [AT, TRADES]) {
  Deno.test(`las(): the reward of ${base.kind} is a limited loss and two accuracies`, async () => {
    for (const limit of [10, 1]) {
      const found = await evaluateWorld({}, ({ views, graph }) => {
        const constant = (value: number) =>
          fill(graph, { shape: [BATCH], value });
        const signals = new Signals();
        signals.record(NATURAL_LOSS, constant(2));
        signals.record(BETA, constant(3));
        signals.record(LOG_PROBABILITY, constant(-1.5));
        const reward = { ...OPTIONS.reward, limit };
        const { strategy } = created({ ...OPTIONS, base, reward });
        const { loss, learningRate } = strategy!.auxiliaryLoss(
          reading(views, signals),
          constant(0.5),
        );
        const { logits } = views.clean;
        assert(typeof loss === "function");
        return {
          loss: loss({ logits: () => logits }),
          rate: learningRate,
          hits: correct(logits, views.labels),
        };
      });
      const accuracy = found["hits"]!.reduce((a, b) => a + b) / BATCH;
      const own = base.kind === "at" ? 0.5 : 2 + 3 * 0.5;
      const reward = Math.min(own, limit) + (4 + 2) * accuracy;
      assertAlmostEquals(found["loss"]![0]!, 1.5 * reward, 1e-5);
      assertAlmostEquals(found["rate"]![0]!, 1e-4, 1e-9);
    }
  });
}

for (const base of [AT, TRADES]) {
  Deno.test(`las(): in train mode ${base.kind} is paid by its own forwards, which count twice`, async () => {
    const counted: unknown[] = [];
    const modes: unknown[] = [];
    const found = await evaluateWorld({}, ({ views, graph, effects }) => {
      const signals = new Signals();
      const constant = (value: number) =>
        fill(graph, { shape: [BATCH], value });
      signals.record(IS_UPDATE_STEP, true);
      signals.record(BETA, constant(3));
      signals.record(LOG_PROBABILITY, constant(-1.5));
      const attack: Attack = {
        name: "none",
        maximize: (surrogate, { images }) => (surrogate(images), images),
      };
      const reward = { ...OPTIONS.reward, attack, mode: "train" } as const;
      const objective = created({ ...OPTIONS, base, reward });
      const hooks = {
        ...effects.hooks(views),
        countAgain: (output: unknown) => counted.push(output),
      };
      const terms = objective.terms(reading(views, signals), hooks);
      const { clean, adversarial, labels } = views;
      assertEquals(
        counted,
        base.kind === "at" ? [adversarial] : [clean, adversarial],
      );
      const { loss } = effects.auxiliaryLosses.get(objective.strategy!.module)!;
      assert(typeof loss === "function");
      const next = (_: unknown, mode?: unknown) => {
        modes.push(mode);
        return clean.logits;
      };
      return {
        loss: loss({ logits: next }),
        hits: correct(clean.logits, labels),
        // R1 is the loss of the step; LAS-AT's without smoothing.
        ...(base.kind === "at"
          ? { own: mean(crossEntropy(adversarial.logits, labels)) }
          : terms),
      };
    });
    const accuracy = found["hits"]!.reduce((a, b) => a + b) / BATCH;
    const own = base.kind === "at"
      ? found["own"]![0]!
      : found["natural"]![0]! + found["robust"]![0]!;
    const expected = 1.5 * (Math.min(own, 10) + (4 + 2) * accuracy);
    assertAlmostEquals(found["loss"]![0]!, expected, 1e-4);
    // The attack sees the student in train mode, the accuracies in eval mode.
    assertEquals(modes, ["train-untracked", undefined, undefined]);
  });
}

Deno.test("las() is smoothed or natural training where adversarial images are clean", async () => {
  for (const base of [AT, TRADES]) {
    const found = await evaluateWorld({ epsilon: 0 }, (world) => {
      const { views, hooks, graph } = world;
      const signals = new Signals();
      signals.record(BETA, fill(graph, { shape: [BATCH], value: 6 }));
      const objective = created({ ...OPTIONS, base });
      const terms = objective.terms(reading(views, signals), hooks);
      const { clean: { logits }, labels } = views;
      return {
        ...terms,
        clean: mean(
          base.kind === "at"
            ? smoothedCrossEntropy(logits, labels, base)
            : crossEntropy(logits, labels),
        ),
      };
    });
    const { clean, ...terms } = found;
    const total = Object.values(terms).reduce((sum, [term]) => sum + term!, 0);
    assertAlmostEquals(total, clean![0]!, 1e-5);
  }
});

Deno.test("las() proposes a draw for every choice, in train mode in update steps alone", () => {
  for (const isUpdateStep of [true, false]) {
    const { views, graph } = makeWorld({ mode: "eval" });
    const { strategy, modules } = created({
      ...OPTIONS,
      base: TRADES,
      candidates: { ...OPTIONS.candidates, beta: [5, 9] },
    });
    assertEquals(Object.keys(modules!), ["strategy"]);
    assert(modules!["strategy"] === strategy!.module);
    assertEquals(strategy!.interval, OPTIONS.interval);
    materialize(strategy!.module, "strategy");
    const signals = new Signals();
    strategy!.propose(reading(views, signals), {
      isUpdateStep,
      record: (signal, value) => signals.record(signal, value),
    });
    const { epsilon, stepSize, steps } = signals.read(ATTACK_STRATEGY);
    const others = [BETA, LOG_PROBABILITY, NATURAL_LOSS];
    const draws = others.map((signal) => signals.read(signal));
    for (const { shape } of [epsilon, stepSize, steps, ...draws]) {
      assertEquals(shape, [BATCH]);
    }
    const own = new Set<unknown>(namedVariables(strategy!.module).values());
    const moves = graph.nodes.some(({ op, inputs: [, , running] }) =>
      op === runningStatisticsOp && own.has(running!.source)
    );
    assertEquals(moves, isUpdateStep);
  }
});

Deno.test("las() names what was not recorded", () => {
  const { views, hooks } = makeWorld();
  const objective = created({ ...OPTIONS, base: TRADES });
  assertThrows(
    () => objective.terms(reading(views, new Signals()), hooks),
    TypeError,
    "Cannot read the beta: expected an attack or an objective that records it",
  );
});
