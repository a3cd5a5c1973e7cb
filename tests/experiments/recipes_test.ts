// Recipes are the record of what is reproduced, so the tests hold the paper's
// numbers a second time, as its tables print them.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  checkExperiment,
  type Experiment,
} from "../../src/experiments/experiment.ts";
import { EXPERIMENT_SCHEMA } from "../../src/experiments/experiment_schema.ts";
import {
  DEFAULT_RECIPE,
  recipe,
  RECIPES,
} from "../../src/experiments/recipes.ts";
import { mismatch } from "../../src/experiments/schema.ts";

/** Clean, PGD-20, C&W-20, AA, and k-NN scores on clean and adversarial images. */
type Row = readonly (number | undefined)[];

const PRINTED: Readonly<Record<string, Row>> = {
  "table1/standard": [94.46, 0, 0, 0, 94.94, undefined],
  "table1/vanilla-at": [86.69, 53.45, 53.72, 48.95, 86.51, 53.94],
  "table1/vanilla-at-frpat": [88.85, 55.64, 56.18, 50.89, 89.11, 56.55],
  "table1/vanilla-at-lbgat": [86.55, 54.34, 53.35, 47.27, 86.64, 54.26],
  "table1/vanilla-at-lbgat-frpat": [89.42, 56.21, 57.48, 51.77, 89.25, 56.59],
  "table1/trades": [84.42, 56.59, 54.91, 51.91, 85.58, 56.73],
  "table1/trades-frpat": [87.30, 58.20, 56.31, 53.09, 90.01, 58.86],
  "table1/trades-lbgat": [81.98, 57.78, 55.53, 53.14, 84.57, 57.79],
  "table1/trades-lbgat-frpat": [87.62, 57.73, 58.08, 53.64, 89.50, 57.02],
  "table2/standard": [77.39, 0, 0, 0, 77.07, undefined],
  "table2/vanilla-at": [60.44, 28.06, 27.85, 24.81, 57.17, 31.32],
  "table2/vanilla-at-frpat": [66.39, 29.88, 29.84, 25.81, 64.70, 32.84],
  "table2/vanilla-at-lbgat": [61.01, 30.10, 28.09, 25.63, 61.28, 30.47],
  "table2/vanilla-at-lbgat-frpat": [68.20, 29.83, 30.84, 25.88, 66.08, 32.48],
  "table2/trades": [56.50, 30.93, 28.43, 26.87, 52.57, 32.17],
  "table2/trades-frpat": [65.28, 33.97, 30.86, 28.25, 65.78, 34.53],
  "table2/trades-lbgat": [60.43, 35.50, 31.50, 29.34, 61.06, 37.52],
  "table2/trades-lbgat-frpat": [62.62, 36.27, 31.72, 29.19, 64.84, 38.25],
  "table4/vanilla-at-rkd": [64.00, 28.32, 27.92, 24.92, undefined, undefined],
  "table4/vanilla-at-absolute": [
    64.00,
    28.32,
    27.92,
    24.92,
    undefined,
    undefined,
  ],
};

const METHODS = [
  "standard",
  "vanilla-at",
  "vanilla-at-frpat",
  "trades",
  "trades-frpat",
];

const GUIDED = [
  "vanilla-at-lbgat",
  "vanilla-at-lbgat-frpat",
  "trades-lbgat",
  "trades-lbgat-frpat",
];

for (const experiment of RECIPES) {
  const { name } = experiment;
  Deno.test(`recipe() gives ${name}, which can run and survives JSON`, () => {
    assertEquals(recipe(name), experiment);
    checkExperiment(experiment);
    const { name: _, title, reported, ...decisive } = experiment;
    assertEquals(mismatch(decisive, EXPERIMENT_SCHEMA), null);
    assertEquals(JSON.parse(JSON.stringify(experiment)), experiment);
    assert(title.length > 0 && title.length <= 70, title);
    assertEquals(reported !== null, name in PRINTED);
  });
}

Deno.test("RECIPES have names of their own, the default among them", () => {
  const names = RECIPES.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  assertEquals(names[0], DEFAULT_RECIPE);
  for (const name of names) assert(/^[a-z0-9-]+\/[a-z0-9-]+$/.test(name), name);
});

Deno.test("RECIPES hold every method for both tables and both small settings", () => {
  for (const group of ["table1", "table2", "shapes", "cifar10-small"]) {
    for (const method of METHODS) recipe(`${group}/${method}`);
  }
  for (const group of ["shapes", "cifar10-small"]) recipe(`${group}/fgsm-rs`);
  recipe("shapes/n-fgsm");
  for (const group of ["table1", "table2"]) {
    for (const method of GUIDED) recipe(`${group}/${method}`);
  }
});

Deno.test("RECIPES report what the paper's tables print", () => {
  const rows = Object.fromEntries(
    RECIPES.flatMap(({ name, reported }) =>
      reported
        ? [[name, [
          reported.clean,
          reported.pgd20,
          reported.cw20,
          reported.autoAttack,
          reported.relationClean,
          reported.relationRobust,
        ]]]
        : []
    ),
  );
  assertEquals(rows, PRINTED);
});

/** Regularizers by what the names of recipes with them end in. */
const REGULARIZERS = {
  "frpat": "frpat",
  "rkd": "rkd",
  "absolute": "absolute-relation",
};

/** The method that a recipe's name claims, as parts of an experiment. */
function claimed(name: string): Pick<Experiment, "objective"> & {
  readonly regularizers: readonly string[];
} {
  const method = name.split("/")[1]!;
  const lbgat = { method: "lbgat", detach: false } as const;
  return {
    objective: method === "standard"
      ? { method: "standard" }
      : method.startsWith("trades-lbgat")
      ? { ...lbgat, base: { kind: "trades", beta: 6 } }
      : method.startsWith("vanilla-at-lbgat")
      ? { ...lbgat, base: { kind: "vanilla-at" } }
      : method.startsWith("trades")
      ? { method: "trades", beta: 6, cleanForwards: 2 }
      : { method: "vanilla-at" },
    regularizers: Object.entries(REGULARIZERS).flatMap(([suffix, name]) =>
      method.endsWith(suffix) ? [name] : []
    ),
  };
}

Deno.test("RECIPES train by the method in their name", () => {
  for (const { name, objective, regularizers, teacher, attack } of RECIPES) {
    const expected = claimed(name);
    assertEquals(objective, expected.objective, name);
    const methods = regularizers.map(({ method }) => method);
    assertEquals(methods, expected.regularizers, name);
    const guided = objective.method === "lbgat" ||
      methods.some((method) => method !== "mca");
    assertEquals(teacher !== null, guided, name);
    assertEquals(attack === null, objective.method === "standard", name);
    for (const method of ["fgsm-rs", "n-fgsm"]) {
      const claims = name.endsWith(`/${method}`);
      assertEquals(attack?.method === method, claims, name);
    }
  }
});

Deno.test("RECIPES of one group differ in their method alone", () => {
  const groups = Map.groupBy(RECIPES, ({ name }) => name.split("/")[0]);
  for (const group of groups.values()) {
    const common = group
      .filter(({ name }) => name !== DEFAULT_RECIPE)
      .map(({ seed, epochs, batchSize, data, optimizer, evaluation }) => ({
        seed,
        epochs,
        batchSize,
        data,
        optimizer,
        evaluation,
      }));
    for (const one of common) assertEquals(one, common[0]);
  }
});

Deno.test("RECIPES of the tables have the setting of section 3.1", () => {
  for (const name of Object.keys(PRINTED)) {
    const { seed, epochs, batchSize, optimizer, student, attack, ...rest } =
      recipe(name);
    assertEquals({ seed, epochs, batchSize }, {
      seed: 1,
      epochs: 100,
      batchSize: 128,
    });
    assertEquals(optimizer, {
      momentum: 0.9,
      nesterov: false,
      weightDecay: 2e-4,
      learningRate: {
        kind: "step",
        initial: 0.1,
        drops: [75, 90],
        factor: 0.1,
      },
    });
    assertEquals(
      student,
      attack
        ? { network: "wide-resnet", depth: 34, width: 10 }
        : { network: "resnet18-lbgat" },
    );
    if (rest.teacher) assertEquals(rest.teacher, { network: "resnet18-lbgat" });
    if (attack) {
      assertEquals(attack, {
        method: "pgd",
        norm: "linf",
        epsilon: "0.031",
        stepSize: "0.007",
        steps: 10,
        start: name.includes("/trades")
          ? { kind: "gaussian", scale: 0.001 }
          : { kind: "uniform", clip: true },
        mode: "eval",
      });
    }
    for (const regularizer of rest.regularizers) {
      if (regularizer.method !== "frpat") continue;
      assertEquals(regularizer, {
        method: "frpat",
        weight: name.startsWith("table1")
          ? { kind: "constant", value: 5 }
          : { kind: "ramp", value: 20, over: 100 },
        self: "exclude",
        reduction: "sum",
      });
    }
  }
});

Deno.test("checkExperiment() asks for a teacher exactly where a term looks at one", () => {
  const teacher = { network: "resnet18" } as const;
  const [plain, guided] = ["table1/trades", "table1/trades-lbgat"].map(recipe);
  assertThrows(
    () => checkExperiment({ ...plain!, teacher }),
    RangeError,
    "expected teacher to be null where no term looks at it but found resnet18",
  );
  assertThrows(
    () => checkExperiment({ ...guided!, teacher: null }),
    RangeError,
    "expected teacher to be given but found null",
  );
});

Deno.test("recipe() names the nearest recipes where there is none", () => {
  assertThrows(
    () => recipe("table1/trade"),
    RangeError,
    "Cannot find the recipe table1/trade: expected one of those that the " +
      'command "recipes" lists but found no such name; did you mean ' +
      "table1/trades or table2/trades?",
  );
  assertThrows(() => recipe("shapes"), RangeError, "but found no such name");
});
