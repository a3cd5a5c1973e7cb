// Parts of a method that do not fit together, and numbers out of their range: what
// somebody is told who writes them.

import { assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { checkExperiment } from "../../src/config/check_experiment.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { recipe } from "../../src/recipes/mod.ts";

const PGD = {
  method: "pgd",
  norm: "linf",
  epsilon: "8/255",
  stepSize: "2/255",
  steps: 10,
  start: { kind: "uniform", clip: true },
  mode: "eval",
} as const;
const FGSM = { method: "fgsm", norm: "linf", epsilon: "8/255" } as const;
const { optimizer: SGD } = recipe("shapes/trades");
const LAS = recipe("supplement7/las-trades");
const STRATEGY = LAS.objective.method === "las-trades"
  ? LAS.objective.strategy
  : null!;

const LBGAT = recipe("table1/trades-lbgat");
const NO_SMOOTHING = "none of whose terms is a cross-entropy with hard labels";

const REFUSED: readonly (readonly [string, Partial<Experiment>, string])[] = [
  ["supplement7/las-trades", {
    labelSmoothing: 0.1,
    objective: {
      method: "las-at",
      smoothing: 0.3,
      strategy: { ...STRATEGY, beta: [] },
    },
  }, NO_SMOOTHING],
  ["table1/trades-lbgat", {
    labelSmoothing: 0.1,
    teacher: {
      ...LBGAT.teacher!,
      pretrained: { from: "runs/x", frozen: true, mode: "eval" },
    },
  }, NO_SMOOTHING],
  ["table1/vanilla-at", {
    weightPerturbation: { gamma: 0, fromEpoch: 1 },
  }, "weightPerturbation.gamma to be a number above 0 but found 0"],
  [
    "table1/vanilla-at",
    {
      weightPerturbation: { gamma: 0.01, fromEpoch: 0 },
    },
    "weightPerturbation.fromEpoch to be a whole number of at least 1 but found 0",
  ],
  ["table1/vanilla-at", {
    attack: { ...PGD, method: "friendly-pgd", noise: -1, tauRises: [] },
  }, "attack.noise to be a number of at least 0 but found -1"],
  ["table1/vanilla-at", {
    attack: { ...PGD, method: "friendly-pgd", noise: 0, tauRises: [1.5] },
  }, "attack.tauRises.0 to be a whole number of at least 0 but found 1.5"],
  ["table1/vanilla-at", {
    attack: {
      ...PGD,
      method: "curriculum-pgd",
      level: { from: 0, to: 2, over: 10 },
    },
  }, "attack.level.to to be a number from -1 to 1 but found 2"],
  ["table1/vanilla-at", {
    attack: {
      ...PGD,
      method: "curriculum-pgd",
      level: { from: 0, to: 1, over: 0 },
    },
  }, "attack.level.over to be a number above 0 but found 0"],
  ["supplement7/gairat", {
    attack: {
      method: "n-fgsm",
      epsilon: "8/255",
      stepSize: "8/255",
      noise: 2,
      mode: "train",
    },
  }, "attack.method to be pgd for gairat but found n-fgsm"],
  ["supplement7/las-trades", {
    attack: PGD,
  }, "attack.method to be strategic-pgd for las-trades but found pgd"],
  ["table1/vanilla-at", {
    attack: LAS.attack,
  }, "attack.method to be another for vanilla-at but found strategic-pgd"],
  [
    "supplement7/las-trades",
    {
      objective: {
        method: "las-trades",
        strategy: { ...STRATEGY, steps: [10, 15] },
      },
    },
    "objective.strategy.steps to be whole numbers up to attack.steps, 14 but found 15",
  ],
  ["supplement7/las-trades", {
    objective: { method: "las-trades", strategy: { ...STRATEGY, beta: [] } },
  }, "objective.strategy.beta to be a list of candidates but found none"],
  ["supplement7/las-trades", {
    objective: { method: "las-at", smoothing: 0.3, strategy: STRATEGY },
  }, "objective.strategy.beta to be empty for las-at but found 5"],
  [
    "supplement7/las-trades",
    {
      objective: {
        method: "las-at",
        smoothing: 1,
        strategy: { ...STRATEGY, beta: [] },
      },
    },
    "objective.smoothing to be a number of at least 0 and below 1 but found 1",
  ],
  [
    "supplement7/las-trades",
    {
      objective: {
        method: "las-trades",
        strategy: { ...STRATEGY, interval: 0 },
      },
    },
    "objective.strategy.interval to be a whole number of at least 1 but found 0",
  ],
  [
    "shapes/trades",
    {
      evaluation: { ...recipe("shapes/trades").evaluation, attacks: {} },
    },
    'evaluation.attacks to be at least one attack by another name than "clean" but found none',
  ],
  ["shapes/trades", {
    evaluation: {
      ...recipe("shapes/trades").evaluation,
      attacks: { clean: FGSM },
    },
  }, 'than "clean" but found clean'],
  ...["7", "a,b", "a b", "__proto__"].map((name): typeof REFUSED[number] => [
    "shapes/trades",
    {
      evaluation: {
        ...recipe("shapes/trades").evaluation,
        attacks: Object.fromEntries([[name, FGSM]]),
      },
    },
    `digits or _ . + - but found ${name}`,
  ]),
  [
    "shapes/standard",
    {
      regularizers: recipe("shapes/trades-frpat").regularizers,
    },
    "regularizers to be none without an attack, whose images they look at but " +
    "found frpat",
  ],
  ["shapes/trades", { title: "NaN" }, "title to be a text that is no number"],
  ["shapes/trades", {
    optimizer: { ...SGD, momentum: 1.5 } as Experiment["optimizer"],
  }, "optimizer.momentum to be a number from 0 to 1 but found 1.5"],
  [
    "shapes/trades",
    {
      attack: { ...FGSM, epsilon: "8", mode: "eval" },
    },
    "attack.epsilon to be at most 1 in the maximum norm, for images in [0, 1] but found 8",
  ],
  ["shapes/trades", {
    student: { network: "wide-resnet", depth: 35, width: 1 },
  }, "student.depth to be 10, 16, 22, 28, 34, … but found 35"],
  ["shapes/trades", {
    attack: null,
  }, "attack to be given but found null"],
  ["shapes/standard", {
    attack: { ...FGSM, mode: "eval" },
  }, "attack to be null for standard but found fgsm"],
];

for (const [name, change, message] of REFUSED) {
  Deno.test(`checkExperiment() refuses ${name} changed: ${message}`, () => {
    const experiment = { ...recipe(name), ...change };
    assertThrows(() => checkExperiment(experiment), UserError, message);
  });
}

Deno.test("checkExperiment() takes smoothed labels where the teacher alone has any", () => {
  checkExperiment({ ...LBGAT, labelSmoothing: 0.1 });
});
