// What is shown beside a run is of equal settings, or nothing is.

import { assertEquals } from "@std/assert";
import { sameSetting } from "../../src/config/same_experiment.ts";
import { applySettings } from "../../src/config/settings.ts";
import {
  type MeasuredSetting,
  measuredWithout,
} from "../../src/recipes/measured_setting.ts";
import { DEFAULT_RECIPE, recipe } from "../../src/recipes/mod.ts";

const accuracies = {
  clean: { mean: 40, deviation: 2 },
  attacks: { "pgd-20": { mean: 20, deviation: 1 } },
};
const { seed: _, ...setting } = recipe("shapes/vanilla-at");
const comparison = {
  name: "shapes/vanilla-at",
  method: "vanilla-at",
  seeds: 5,
  best: accuracies,
  last: accuracies,
};
const among: MeasuredSetting[] = [{ ...comparison, contents: "abc", setting }];

/** What is known without the regularizers of a recipe with these settings. */
function known(name: string, ...settings: string[]) {
  const experiment = applySettings(recipe(name), settings);
  return measuredWithout(experiment, { contents: "abc", among });
}

Deno.test("measuredWithout() finds the setting without its regularizers, for any seed", () => {
  assertEquals(known("shapes/vanilla-at-frpat"), comparison);
  const settings = ["seed=7", "evaluation.every=3", "evaluation.keep=1"];
  assertEquals(known("shapes/vanilla-at-frpat", ...settings), comparison);
  // How strong the regularizer is does not change what it is added to.
  assertEquals(
    known("shapes/vanilla-at-frpat", "regularizers.0.weight.value=1"),
    comparison,
  );
});

Deno.test("measuredWithout() finds nothing for another setting, objective or images", () => {
  for (const change of ["epochs=7", "batchSize=16", "student.width=4"]) {
    assertEquals(known("shapes/vanilla-at-frpat", change), null, change);
  }
  assertEquals(known("shapes/trades-frpat"), null);
  assertEquals(known("shapes/vanilla-at"), null);
  const experiment = recipe("shapes/vanilla-at-frpat");
  assertEquals(measuredWithout(experiment, { contents: "abd", among }), null);
});

Deno.test("the default run can be compared: without its regularizer it is a recipe", () => {
  const bare = { ...recipe(DEFAULT_RECIPE), regularizers: [], teacher: null };
  assertEquals(sameSetting(bare, recipe("shapes/baseline")), true);
});
