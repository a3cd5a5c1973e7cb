// What holds of every recipe, whatever it reproduces; the paper's rows are held to the
// paper in `paper_recipes_test.ts`.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { mismatch } from "../../src/base/check_fields.ts";
import { UserError } from "../../src/base/errors.ts";
import { checkExperiment } from "../../src/config/check_experiment.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { DECISIVE } from "../../src/config/experiment_fields.ts";
import {
  DEFAULT_RECIPE,
  matchingRecipes,
  recipe,
  RECIPES,
} from "../../src/recipes/mod.ts";
import { defaultRunPath } from "../../src/runs/run_folder.ts";

for (const experiment of RECIPES) {
  const { name } = experiment;
  Deno.test(`recipe() gives ${name}, which can run and survives JSON`, () => {
    assertEquals(recipe(name), experiment);
    checkExperiment(experiment);
    const { name: _, title, notes: _notes, reported: __, ...decisive } =
      experiment;
    assertEquals(mismatch(decisive, DECISIVE), null);
    assertEquals(JSON.parse(JSON.stringify(experiment)), experiment);
    assert(title.length > 0 && title.length <= 70, title);
  });
}

Deno.test("RECIPES have names of their own, the default among them", () => {
  const names = RECIPES.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  assertEquals(names[0], DEFAULT_RECIPE);
  for (const name of names) assert(/^[a-z0-9-]+\/[a-z0-9-]+$/.test(name), name);
});

Deno.test("RECIPES hold every method for both small settings", () => {
  const methods = [
    "standard",
    "vanilla-at",
    "vanilla-at-frpat",
    "trades",
    "trades-frpat",
    "fgsm-rs",
  ];
  for (const group of ["shapes", "cifar10-small"]) {
    for (const method of methods) recipe(`${group}/${method}`);
  }
  recipe("shapes/n-fgsm");
  const { teacher } = recipe("cifar10-small/vanilla-at-frpat-frozen");
  assertEquals(
    teacher?.pretrained?.from,
    defaultRunPath(recipe("cifar10-small/standard")),
  );
  const { unlabeled, regularizers } = recipe(
    "cifar10-small/vanilla-at-frpat-unlabeled",
  );
  assertEquals(unlabeled?.regularizers, regularizers);
  for (const method of ["standard", "vanilla-at", "trades"]) {
    recipe(`folder/${method}`);
  }
});

/** Regularizers by what the names of recipes with them hold. */
const REGULARIZERS = {
  "frpat": "frpat",
  "rkd": "rkd",
  "absolute": "absolute-relation",
  "crd": "crd",
  "mca": "mca",
  "pkt": "pkt",
};

/** Objectives that have a name of their own, and not that of an attack. */
const NAMED = ["standard", "mart", "gairat", "las-trades"];

/** The objective that a recipe's name claims. */
function claimedObjective(method: string): string {
  const plain = method.replace(/-(resnet18|wide-resnet)$/, "");
  if (NAMED.includes(plain)) return plain;
  if (method.includes("lbgat")) return "lbgat";
  if (method === "alp") return "alp";
  return method.startsWith("trades") ? "trades" : "vanilla-at";
}

Deno.test("RECIPES train by the method in their name", () => {
  for (const { name, objective, regularizers, teacher, attack } of RECIPES) {
    const method = name.split("/")[1]!;
    assertEquals(objective.method, claimedObjective(method), name);
    const methods: string[] = regularizers.map(({ method }) => method);
    const without = name === "table6/trades-frpat-lambda-0";
    const expected = Object.entries(REGULARIZERS).flatMap(([part, found]) =>
      method.split("-").includes(part) && !without ? [found] : []
    );
    assertEquals(methods, expected, name);
    const guided = objective.method === "lbgat" ||
      methods.some((one) => one !== "mca");
    assertEquals(teacher !== null, guided, name);
    assertEquals(attack === null, objective.method === "standard", name);
    for (const one of ["fgsm-rs", "n-fgsm"]) {
      assertEquals(attack?.method === one, method === one, name);
    }
  }
});

/** What may differ inside a group beside the method: what the group is about. */
const VARIED: Readonly<Record<string, keyof Experiment>> = {
  table5: "batchSize",
  supplement3: "data",
};

/** What the default is compared with, in its setting. */
const BASELINE = "shapes/baseline";

/** Rows that the paper quotes, which are trained as their authors train. */
const QUOTED =
  /^(table[12]|supplement[48])\/trades-lbgat$|\/(mart|fat|gairat|awp|las-trades)$/;

Deno.test("RECIPES of one group differ in their method alone", () => {
  const own = RECIPES.filter(({ name }) => !QUOTED.test(name));
  const groups = Map.groupBy(own, ({ name }) => name.split("/")[0]!);
  for (const [group, recipes] of groups) {
    const common = recipes
      .filter(({ name }) => ![DEFAULT_RECIPE, BASELINE].includes(name))
      .map(({ seed, epochs, batchSize, data, ...rest }) => {
        const { optimizer, evaluation, augmentation } = rest;
        return {
          seed,
          epochs,
          batchSize,
          data,
          optimizer,
          evaluation,
          augmentation,
          ...(group in VARIED ? { [VARIED[group]!]: null } : {}),
        };
      });
    for (const one of common) assertEquals(one, common[0]);
  }
  const { regularizers, teacher, ...setting } = recipe(DEFAULT_RECIPE);
  const named = { name: BASELINE, title: recipe(BASELINE).title };
  const plain = { ...setting, ...named, regularizers: [], teacher: null };
  assertEquals(recipe(BASELINE), plain);
  assertEquals([regularizers.length, teacher !== null], [1, true]);
});

Deno.test("checkExperiment() asks for a teacher exactly where a term looks at one", () => {
  const teacher = { network: "resnet18" } as const;
  const [plain, guided] = ["table1/trades", "table1/trades-lbgat"].map(recipe);
  assertThrows(
    () => checkExperiment({ ...plain!, teacher }),
    UserError,
    "expected teacher to be null where no term looks at it but found resnet18",
  );
  assertThrows(
    () => checkExperiment({ ...guided!, teacher: null }),
    UserError,
    "expected teacher to be given but found null",
  );
});

Deno.test("recipe() names the nearest recipes where there is none", () => {
  assertThrows(
    () => recipe("table1/trade"),
    UserError,
    "Cannot find the recipe table1/trade: expected one of those that the " +
      'command "recipes" lists but found no such name; did you mean ' +
      "table1/trades or table2/trades?",
  );
  assertThrows(() => recipe("shapes"), UserError, "but found no such name");
});

Deno.test("matchingRecipes() finds names by patterns, each once", () => {
  const names = (...patterns: string[]) =>
    matchingRecipes(patterns).map(({ name }) => name);
  assertEquals(names("table5/*"), [
    "table5/vanilla-at-frpat-batch-128",
    "table5/vanilla-at-frpat-batch-256",
    "table5/vanilla-at-frpat-batch-384",
  ]);
  assertEquals(
    names("table2/trades", "shapes/trades", "*/trades").slice(0, 3),
    [
      "shapes/trades",
      "cifar10-small/trades",
      "folder/trades",
    ],
  );
  // A star stays inside a part of the name, and everything else means itself.
  for (const pattern of ["*", "table1*", "shapes/trade?", "table[12]/trades"]) {
    assertThrows(
      () => names("shapes/frpat", pattern),
      UserError,
      `Cannot find recipes for ${pattern}: expected a name, or a pattern`,
    );
  }
});
