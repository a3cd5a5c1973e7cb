// LAS-AT's and LAS-TRADES' losses and REINFORCE against PyTorch, what the reward is
// made of, and the network that proposes strategies.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Tensor } from "../../../src/graph/tensor.ts";
import { crossEntropy } from "../../../src/nn/losses.ts";
import { materialize } from "../../../src/nn/module.ts";
import { resnet8 } from "../../../src/nn/resnet.ts";
import { StrategyNetwork } from "../../../src/nn/strategy_network.ts";
import {
  las,
  type LasOptions,
  policyLoss,
  smoothedCrossEntropy,
} from "../../../src/methods/objectives/las.ts";
import type { Lesson } from "../../../src/methods/method_state.ts";
import type { Views } from "../../../src/methods/objective.ts";
import { fill } from "../../../src/ops/fill.ts";
import { gatherClass } from "../../../src/ops/loss/gather_class.ts";
import { mean } from "../../../src/ops/reduce/reduce.ts";
import { correct } from "../../../src/ops/loss/margin.ts";
import { logSoftmax } from "../../../src/ops/loss/softmax.ts";
import { checkRecorded } from "../../support/recorded_logits.ts";
import { BATCH, evaluateWorld, makeWorld } from "../../support/students.ts";

const OPTIONS: Omit<LasOptions, "base"> = {
  candidates: { epsilon: [0.01, 0.02], "step size": [0.005], steps: [1, 2, 3] },
  trunk: (classes) => resnet8({ classes, width: 2 }),
  interval: 2,
  descent: {
    learningRate: 1e-4,
    largestNorm: 1,
    optimizer: { momentum: 0, nesterov: false, weightDecay: 0 },
  },
  reward: {
    // Whoever is attacked stays as he is.
    opponent: { maximize: (_, { images }) => images },
    robust: 4,
    clean: 2,
    limit: 10,
  },
};
const AT = { kind: "at", smoothing: 0.3 } as const;
const TRADES = { kind: "trades" } as const;

/** Views that keep what is taught, and know what was recorded. */
function taught(
  views: Views,
  { recorded = {}, due = true }: {
    readonly recorded?: Readonly<Record<string, Tensor>>;
    readonly due?: boolean;
  },
): { readonly views: Views; readonly lessons: (Lesson | null)[] } {
  const lessons: (Lesson | null)[] = [];
  const answers: Partial<Views> = {
    due,
    recorded: (name) => recorded[name] ?? views.recorded(name),
    ...(recorded["reached"] ? { reached: recorded["reached"] } : {}),
    teach: (_, lesson) => lessons.push(lesson),
    random: (stream) => ({
      seed: 1,
      stream,
      step: fill(views.labels.graph, { shape: [], value: 0, dtype: "u32" }),
    }),
  };
  const watched = new Proxy(views, {
    get: (target, key) =>
      Reflect.get(answers, key) ?? Reflect.get(target, key, target),
  });
  return { views: watched, lessons };
}

checkRecorded("smoothed_cross_entropy", {
  build: (views) => {
    const { views: watched } = taught(views, { due: false });
    const objective = las({ ...OPTIONS, base: AT });
    const terms = objective.terms(watched, { strategy: strategy() });
    return terms["adversarial"]!;
  },
  wrt: ["adversarial"],
});

checkRecorded("las_robust", {
  build: (views) => {
    const { views: watched } = taught(views, { due: false });
    const objective = las({ ...OPTIONS, base: TRADES });
    return objective.terms(watched, { strategy: strategy() })["robust"]!;
  },
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

function strategy(): StrategyNetwork {
  const { candidates, trunk } = OPTIONS;
  return new StrategyNetwork({
    candidates: candidates as Record<string, readonly number[]>,
    trunk,
  });
}

for (const base of [AT, TRADES]) {
  Deno.test(`las(): the reward of ${base.kind} is a limited loss and two accuracies`, async () => {
    for (const limit of [10, 1]) {
      const found = await evaluateWorld({}, ({ views, graph }) => {
        const constant = (value: number) =>
          fill(graph, { shape: [BATCH], value });
        const recorded = {
          "reached": constant(0.5),
          "natural loss": constant(2),
          "beta": constant(3),
          "log-probability": constant(-1.5),
        };
        const { views: watched, lessons } = taught(views, { recorded });
        const reward = { ...OPTIONS.reward, limit };
        const objective = las({ ...OPTIONS, base, reward });
        objective.terms(watched, { strategy: strategy() });
        const [lesson] = lessons;
        const { logits } = views.clean;
        assert(lesson && typeof lesson.loss === "function");
        return {
          loss: lesson.loss({ logits: () => logits }),
          rate: lesson.learningRate,
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

Deno.test("las() is smoothed or natural training where adversarial images are clean", async () => {
  for (const base of [AT, TRADES]) {
    const found = await evaluateWorld({ epsilon: 0 }, ({ views, graph }) => {
      const beta = fill(graph, { shape: [BATCH], value: 6 });
      const { views: watched } = taught(views, {
        recorded: { beta },
        due: false,
      });
      const objective = las({ ...OPTIONS, base });
      const terms = objective.terms(watched, { strategy: strategy() });
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

Deno.test("las() plans a draw for every choice, and teaches only when it is due", () => {
  for (const due of [true, false]) {
    const { views: given } = makeWorld({ mode: "eval" });
    const { views, lessons } = taught(given, { due });
    const objective = las({
      ...OPTIONS,
      base: TRADES,
      candidates: { ...OPTIONS.candidates, beta: [5, 9] },
    });
    const state = objective.state!({
      classes: 10,
      images: BATCH,
      batchSize: BATCH,
      featureSize: { student: 16, teacher: null },
    });
    assertEquals(Object.keys(state), ["strategy"]);
    materialize(state["strategy"]!, "strategy");
    const plan = objective.plan!(views, state);
    const names = ["epsilon", "step size", "steps", "beta"];
    assertEquals(
      Object.keys(plan).sort(),
      [...names, "log-probability", "natural loss"].sort(),
    );
    for (const values of Object.values(plan)) {
      assertEquals(values.shape, [BATCH]);
    }
    const recorded = { ...plan, reached: plan["natural loss"]! };
    assertEquals(lessons, []);
    const told = taught(given, { recorded, due });
    objective.terms(told.views, state);
    assertEquals(told.lessons.map((lesson) => lesson !== null), [due]);
  }
});
