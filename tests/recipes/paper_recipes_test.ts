// Recipes are the record of what is reproduced, so the tests hold the paper's numbers
// and choices a second time: every printed row has a recipe that reports it, and every
// recipe attacks as the authors of its method do.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type {
  Experiment,
  ReportedResult,
} from "../../src/config/experiment.ts";
import { learningRateAt } from "../../src/config/optimizer.ts";
import { innerMaximization } from "../../src/step/inner_maximization.ts";
import { recipe, RECIPES } from "../../src/recipes/mod.ts";
import { PAPER_STEPS } from "../../bench/paper_workloads.ts";
import { PRINTED } from "../support/printed_tables.ts";

const PAPER = RECIPES.filter(({ name }) =>
  /^(table|supplement|figure)\d\//.test(name)
);

/** Recipes whose results are printed as points of a plot, or not at all. */
const UNPRINTED = [
  "table4/vanilla-at-pkt",
  "figure2/standard",
  ...[1, 2, 3, 4, 5, 6].map((beta) => `figure2/trades-beta-${beta}`),
];

/** The columns of a table. */
function columnsOf(table: string): readonly (keyof ReportedResult)[] {
  return table === "supplement4" || table === "supplement5"
    ? ["lastClean", "lastPgd20", "gapPgd20"]
    : [
      ...["clean", "pgd20", "cw20", "autoAttack"] as const,
      ...["relationClean", "relationRobust"] as const,
    ];
}

Deno.test("every row of the paper's tables has a recipe that reports it", () => {
  const expected = Object.entries(PRINTED).flatMap(([table, rows]) =>
    Object.entries(rows).map(([method, figures]) => [
      `${table}/${method}`,
      Object.fromEntries(figures.map((one, i) => [columnsOf(table)[i], one])),
    ])
  );
  assertEquals(expected.length, 84);
  const found = PAPER.filter(({ name }) => !UNPRINTED.includes(name))
    .map(({ name, reported }) => {
      const { source, ...figures } = reported!;
      const [, kind, number] = /^(table|supplement)(\d)/.exec(name)!;
      const place = kind === "table" ? "Table" : "supplement, Table";
      assert(source.startsWith(`FRPAT, ${place} ${number}, `), source);
      return [name, figures];
    });
  assertEquals(Object.fromEntries(found), Object.fromEntries(expected));
  for (const name of UNPRINTED) recipe(name);
});

/** Rows whose figures the paper took over from others, where it marks them so. */
const QUOTED: Readonly<Record<string, readonly string[]>> = {
  "from LBGAT": [
    ...["table1/trades", "table1/trades-lbgat"],
    ...["table2/trades", "table2/trades-lbgat"],
    ...["vanilla-at", "vanilla-at-lbgat", "alp", "alp-lbgat"]
      .map((method) => `supplement1/${method}`),
    ...["supplement1/trades", "supplement1/trades-lbgat"],
  ],
  "as quoted": ["supplement4/trades", "supplement4/trades-lbgat"],
  "from Jia et al.": [
    ...["vanilla-at", "mart", "fat", "gairat", "awp", "trades", "las-trades"]
      .map((method) => `supplement7/${method}`),
    ...["vanilla-at", "sat", "awp", "trades", "las-trades", "trades-lbgat"]
      .map((method) => `supplement8/${method}`),
  ],
};

Deno.test("recipes say which of the paper's figures are quoted", () => {
  for (const [words, names] of Object.entries(QUOTED)) {
    const found = PAPER.filter(({ reported }) =>
      reported?.source.endsWith(words)
    );
    assertEquals(found.map(({ name }) => name), names);
  }
});

const CROSS_ENTROPY = "CE(f(x'), y)";
const DIVERGENCE = "KL(f(x) || f(x'))";
const UNIFORM = "x + U(-epsilon, epsilon), clipped to [0, 1]";
const NORMAL = "x + 0.001 N(0, 1)";

/** What the attack maximizes, where it starts, and batch norm's mode, by method. */
const CHOICES: readonly [RegExp, readonly [string, string, string]][] = [
  [/^trades|^las-trades|^cifar100?-lbgat/, [DIVERGENCE, NORMAL, "eval"]],
  [/^mart$/, [CROSS_ENTROPY, NORMAL, "eval"]],
  [/^awp$/, [CROSS_ENTROPY, UNIFORM, "train"]],
  [/^(vanilla-at|alp|mca|fat|gairat|sat)/, [CROSS_ENTROPY, UNIFORM, "eval"]],
];

/** Whether a recipe is of the supplement's setting for comparison with LAS. */
function isLas(name: string): boolean {
  return /^supplement[78]\//.test(name);
}

/** Radius and step of quoted rows, whose authors have their own. */
const OWN_BUDGETS: Readonly<Record<string, readonly string[]>> = {
  "supplement7/mart": ["0.031", "0.007"],
  // The quoted network of FAT was trained within 16/255.
  "supplement7/fat": ["0.062", "0.007"],
  "supplement7/gairat": ["0.031", "0.007"],
  "supplement8/trades-lbgat": ["0.031", "0.007"],
};

for (const experiment of PAPER) {
  const { name, attack } = experiment;
  Deno.test(`${name} makes the five silent choices of its method`, () => {
    const found = innerMaximization(experiment);
    const method = name.split("/")[1]!;
    if (method.startsWith("standard")) return assertEquals(found, null);
    const choice = CHOICES.find(([pattern]) => pattern.test(method));
    assert(choice && found && attack);
    const { surrogate, start, mode, epsilon, stepSize } = found;
    assertEquals([surrogate, start, mode], [...choice[1]]);
    if (attack.method === "strategic-pgd") {
      const radii = name.startsWith("supplement7/") ? "" : ", 10/255";
      assertEquals([epsilon, stepSize, attack.steps], [
        `chosen from 5/255, 6/255, 7/255, 8/255, 9/255${radii}`,
        "chosen from 2/255, 3/255, 4/255",
        14,
      ]);
      return;
    }
    const budget = OWN_BUDGETS[name] ??
      (isLas(name) ? ["8/255", "2/255"] : ["0.031", "0.007"]);
    assertEquals([epsilon, stepSize], budget);
    assert("steps" in attack && attack.steps === 10);
    assert("norm" in attack && attack.norm === "linf");
  });
}

/** Epochs, weight decay, and the learning rate from some epochs on. */
type Descent = readonly [number, number, Readonly<Record<number, number>>];

const LBGAT: Descent = [100, 2e-4, { 1: 0.02, 2: 0.1, 76: 0.01, 91: 1e-3 }];
const FRIENDLY: Descent = [120, 2e-4, {
  1: 0.1,
  60: 0.01,
  90: 1e-3,
  110: 5e-4,
}];
const AWP: Descent = [200, 5e-4, { 1: 0.1, 101: 0.01, 151: 1e-3 }];
const LAS: Descent = [100, 5e-4, { 1: 0.1, 76: 0.01, 91: 1e-3 }];

/** How the authors of quoted rows descend, from their code. */
const OWN_DESCENTS: readonly [RegExp, Descent][] = [
  [/^(table[12]|supplement[48])\/trades-lbgat$|^supplement1\//, LBGAT],
  [/\/(fat|gairat)$/, FRIENDLY],
  [/\/mart$/, [90, 7e-4, { 1: 0.1, 75: 0.01, 90: 1e-3 }]],
  [/\/awp$/, AWP],
  [/\/las-trades$/, LAS],
  [/^supplement[78]\//, [110, 5e-4, { 1: 0.1, 100: 0.01, 105: 1e-3 }]],
  [/./, [100, 2e-4, { 1: 0.1, 75: 0.01, 90: 1e-3 }]],
];

Deno.test("the paper's recipes are trained as its sections 3.1 and C say, quoted ones as their authors do", () => {
  for (const { name, optimizer, ...experiment } of PAPER) {
    const { seed, epochs, batchSize, augmentation } = experiment;
    const batch = /-batch-(\d+)$/.exec(name)?.[1] ?? 128;
    const [length, weightDecay, rates] = OWN_DESCENTS
      .find(([pattern]) => pattern.test(name))![1];
    assertEquals(
      { seed, epochs, batchSize, augmentation },
      {
        seed: 1,
        epochs: length,
        batchSize: Number(batch),
        augmentation: { padding: 4, flip: true },
      },
      name,
    );
    const { learningRate, ...others } = optimizer;
    assertEquals(others, { momentum: 0.9, nesterov: false, weightDecay }, name);
    let expected = 0;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      expected = rates[epoch] ?? expected;
      const step = 391 * (epoch - 1);
      for (const one of [step, step + 390]) {
        const found = learningRateAt(learningRate, {
          step: one,
          stepsPerEpoch: 391,
          epochs,
        });
        assertAlmostEquals(found, expected, 1e-12, `${name}, epoch ${epoch}`);
      }
    }
  }
});

Deno.test("the paper's recipes are measured by PGD-20 as its two settings have it", () => {
  for (const { name, evaluation } of PAPER) {
    const pgd = { norm: "linf", steps: 20 } as const;
    assertEquals(evaluation.attacks, {
      "pgd-20": isLas(name)
        ? {
          ...pgd,
          method: "pgd-restarts",
          epsilon: "8/255",
          stepSize: "2/255",
          start: { kind: "uniform", clip: true },
          restarts: 1,
          stop: true,
        }
        : {
          ...pgd,
          method: "pgd",
          epsilon: "0.031",
          stepSize: "0.003",
          start: { kind: "uniform", clip: false },
        },
    }, name);
  }
});

/** The data set of a table. */
function dataOf(name: string): Experiment["data"] {
  if (name.startsWith("supplement1/")) {
    return { dataset: "tiny-imagenet", size: 32 };
  }
  const small = /^(table1|supplement[47])\/|\/cifar10-/.test(name);
  return { dataset: small ? "cifar10" : "cifar100" };
}

Deno.test("the paper's recipes have its data, students and teachers", () => {
  const wide = { network: "wide-resnet", depth: 34, width: 10 } as const;
  const standard = { network: "resnet18-lbgat" } as const;
  for (const { name, data, student, teacher, attack } of PAPER) {
    assertEquals(data, dataOf(name), name);
    const isStandard = name.startsWith("figure2/") ||
      attack === null && name !== "supplement2/standard-wide-resnet";
    const { normalization, ...architecture } = student;
    assertEquals(architecture, isStandard ? standard : wide, name);
    assertEquals(normalization !== undefined, name.endsWith("/awp"), name);
    if (!teacher) continue;
    const same = name.endsWith("-teacher-wide-resnet");
    assertEquals(teacher, same ? wide : standard, name);
  }
});

Deno.test("the paper's FRPAT weighs 5 for ten classes, else up to 20 over 100 epochs", () => {
  for (const { name, data, regularizers } of PAPER) {
    const value = Number(/-lambda-(\d+)$/.exec(name)?.[1] ?? 20);
    for (const regularizer of regularizers) {
      if (regularizer.method !== "frpat") continue;
      assertEquals(regularizer, {
        method: "frpat",
        weight: data.dataset === "cifar10"
          ? { kind: "constant", value: 5 }
          : { kind: "ramp", value, over: 100 },
        self: "exclude",
        reduction: "sum",
      }, name);
    }
  }
});

/** The equations of what the paper compares with, by the recipe's name. */
const OBJECTIVES: readonly [RegExp, Experiment["objective"]][] = [
  [/^figure2\/trades-beta-1$/, { method: "trades", beta: 1, cleanForwards: 2 }],
  [/^figure2\/trades-beta-5$/, { method: "trades", beta: 5, cleanForwards: 2 }],
  [
    /^(table\d|supplement\d)\/trades(-frpat.*)?$/,
    { method: "trades", beta: 6, cleanForwards: 2 },
  ],
  [
    /\/trades-lbgat/,
    { method: "lbgat", base: { kind: "trades", beta: 6 }, detach: false },
  ],
  [
    /^supplement3\//,
    { method: "lbgat", base: { kind: "trades", beta: 0 }, detach: false },
  ],
  [
    /^(table[12]|supplement[45])\/vanilla-at-lbgat/,
    { method: "lbgat", base: { kind: "vanilla-at" }, detach: false },
  ],
  [
    /^supplement6\/vanilla-at-lbgat-detach$/,
    { method: "lbgat", base: { kind: "vanilla-at" }, detach: true },
  ],
  // Quoted from LBGAT, whose own row has no cross-entropy on the student.
  [
    /^supplement1\/vanilla-at-lbgat$/,
    { method: "lbgat", base: { kind: "none" }, detach: false },
  ],
  [
    /^supplement1\/alp-lbgat$/,
    { method: "lbgat", base: { kind: "alp" }, detach: false },
  ],
  [/^supplement1\/alp$/, { method: "alp", weight: 1 }],
  [/\/mart$/, { method: "mart", beta: 6 }],
  [/\/gairat$/, { method: "gairat", lambda: -1, fromEpoch: 60 }],
];

for (const [pattern, objective] of OBJECTIVES) {
  Deno.test(`the paper's recipes ${pattern.source} minimize ${JSON.stringify(objective)}`, () => {
    const found = PAPER.filter(({ name }) => pattern.test(name));
    assert(found.length > 0);
    for (const one of found) assertEquals(one.objective, objective, one.name);
  });
}

Deno.test("AWP perturbs weights by 0.01 from the first epoch, and nothing else does", () => {
  for (const { name, weightPerturbation } of PAPER) {
    const expected = name.endsWith("/awp")
      ? { gamma: 0.01, fromEpoch: 1, cleanForward: true }
      : null;
    assertEquals(weightPerturbation, expected, name);
  }
});

Deno.test("FAT and SAT stop their attacks early, by their own rules", () => {
  const attackOf = (name: string) => {
    const { attack } = recipe(name);
    const { method, ...rest } = attack!;
    return [method, rest] as const;
  };
  const [fat, friendly] = attackOf("supplement7/fat");
  assertEquals(fat, "friendly-pgd");
  assert("tauRises" in friendly);
  assertEquals([friendly.tauRises, friendly.noise], [[50, 90], 0.001]);
  const [sat, curriculum] = attackOf("supplement8/sat");
  assertEquals(sat, "curriculum-pgd");
  assert("level" in curriculum);
  assertEquals(curriculum.level, { from: -1, to: 1, over: 75 });
});

Deno.test("LAS chooses and is paid as in its authors' code", () => {
  for (
    const [table, clean] of [["supplement7", 4], ["supplement8", 2]] as const
  ) {
    const { objective } = recipe(`${table}/las-trades`);
    assert(objective.method === "las-trades");
    const { steps, beta, interval, optimizer, reward } = objective.strategy;
    assertEquals(steps, [7, 8, 9, 10, 11, 12, 13, 14]);
    assertEquals([beta, interval], [[5, 6, 7, 8, 9], 1]);
    assertEquals([optimizer.learningRate, optimizer.largestNorm], [1e-4, 1]);
    assertEquals([reward.robust, reward.clean, reward.limit], [8, clean, 20]);
    const { attack } = reward;
    assert(attack.method === "pgd-restarts");
    const { epsilon, stepSize, restarts } = attack;
    assertEquals([epsilon, stepSize, attack.steps, restarts], [
      "8/255",
      "2/255",
      10,
      2,
    ]);
  }
});

Deno.test("the steps that are timed are those of the paper's Table 3", () => {
  const times = PAPER_STEPS.filter(({ paperSeconds }) => paperSeconds !== null)
    .map(({ recipe, paperSeconds }) => [recipe, paperSeconds]);
  assertEquals(Object.fromEntries(times), {
    "table1/vanilla-at": 821,
    "table1/vanilla-at-lbgat": 848,
    "table1/vanilla-at-frpat": 849,
    "table1/trades": 1079,
    "table1/trades-lbgat": 1106,
    "table1/trades-frpat": 1109,
  });
});
