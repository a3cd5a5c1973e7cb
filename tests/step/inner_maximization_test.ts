import { assertEquals } from "@std/assert";
import type { Experiment } from "../../src/config/experiment.ts";
import { innerMaximization } from "../../src/step/inner_maximization.ts";
import { recipe } from "../../src/recipes/mod.ts";

Deno.test("innerMaximization() tells the five choices of TRADES", () => {
  assertEquals(innerMaximization(recipe("table1/trades-frpat")), {
    surrogate: "KL(f(x) || f(x'))",
    start: "x + 0.001 N(0, 1)",
    mode: "eval",
    epsilon: "0.031",
    stepSize: "0.007",
  });
});

Deno.test("innerMaximization() is null where nothing is maximized", () => {
  assertEquals(innerMaximization(recipe("table1/standard")), null);
});

const CROSS_ENTROPY = "CE(f(x'), y)";
const KL = "KL(f(x) || f(x'))";

/** Objectives, and what their attacks maximize. */
const SURROGATES: readonly [Experiment["objective"], string][] = [
  [{ method: "vanilla-at" }, CROSS_ENTROPY],
  [{ method: "trades", beta: 0, cleanForwards: 1 }, KL],
  [{ method: "mart", beta: 6 }, CROSS_ENTROPY],
  [{ method: "alp", weight: 1 }, CROSS_ENTROPY],
  [{ method: "lbgat", base: { kind: "trades", beta: 0 }, detach: false }, KL],
  [
    { method: "lbgat", base: { kind: "vanilla-at" }, detach: true },
    CROSS_ENTROPY,
  ],
];

for (const [objective, expected] of SURROGATES) {
  const name = JSON.stringify(objective);
  Deno.test(`innerMaximization() finds ${expected} in ${name}`, () => {
    const experiment = { ...recipe("table1/trades"), objective };
    assertEquals(innerMaximization(experiment)?.surrogate, expected);
  });
}

/** Attacks, where they start, and how far they step. */
const STARTS: readonly [
  recipe: string,
  attack: Record<string, unknown>,
  expected: readonly string[],
][] = [
  ["table1/vanilla-at", {}, [
    "x + U(-epsilon, epsilon), clipped to [0, 1]",
    "0.007",
  ]],
  [
    "table1/vanilla-at",
    { start: { kind: "uniform", clip: false } },
    ["x + U(-epsilon, epsilon)", "0.007"],
  ],
  ["table1/vanilla-at", { start: { kind: "clean" } }, ["x", "0.007"]],
  ["shapes/fgsm-rs", {}, [
    "x + U(-epsilon, epsilon), clipped to [0, 1]",
    "10/255",
  ]],
  ["shapes/n-fgsm", {}, [
    "x + U(-2 epsilon, 2 epsilon), clipped to [0, 1]",
    "8/255",
  ]],
];

for (const [name, change, expected] of STARTS) {
  Deno.test(`innerMaximization() of ${name} with ${JSON.stringify(change)} starts from ${expected[0]}`, () => {
    const experiment = recipe(name);
    const attack = { ...experiment.attack, ...change } as Experiment["attack"];
    const found = innerMaximization({ ...experiment, attack });
    assertEquals([found?.start, found?.stepSize], [...expected]);
  });
}

Deno.test("innerMaximization() of FGSM steps as far as the radius", () => {
  const attack = {
    method: "fgsm",
    norm: "linf",
    epsilon: "8/255",
    mode: "train",
  } as const;
  const found = innerMaximization({ ...recipe("table1/vanilla-at"), attack });
  assertEquals([found?.start, found?.stepSize, found?.mode], [
    "x",
    "8/255",
    "train",
  ]);
});
