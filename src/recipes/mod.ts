// The experiments that have a name. Each is plain data with all numbers written
// out, so that one file tells what a recipe does and a change shows in a diff.

import { UserError } from "../base/errors.ts";
import type { Experiment } from "../config/experiment.ts";
import { CIFAR10_SMALL } from "./cifar10_small.ts";
import { FOLDER } from "./folder.ts";
import { SHAPES } from "./shapes.ts";
import { FIGURE2 } from "./figure2.ts";
import { SUPPLEMENT1 } from "./supplement1.ts";
import { SUPPLEMENT2 } from "./supplement2.ts";
import { SUPPLEMENT3 } from "./supplement3.ts";
import { SUPPLEMENT4 } from "./supplement4.ts";
import { SUPPLEMENT5 } from "./supplement5.ts";
import { SUPPLEMENT6 } from "./supplement6.ts";
import { SUPPLEMENT7 } from "./supplement7.ts";
import { SUPPLEMENT8 } from "./supplement8.ts";
import { TABLE1 } from "./table1.ts";
import { TABLE2 } from "./table2.ts";
import { TABLE4 } from "./table4.ts";
import { TABLE5 } from "./table5.ts";
import { TABLE6 } from "./table6.ts";
import { didYouMean } from "../base/suggest.ts";

/** The recipe that is trained by default. */
export const DEFAULT_RECIPE = "shapes/frpat";

/** All recipes, small ones first. */
export const RECIPES: readonly Experiment[] = [
  ...SHAPES,
  ...CIFAR10_SMALL,
  ...FOLDER,
  ...TABLE1,
  ...TABLE2,
  ...TABLE4,
  ...TABLE5,
  ...TABLE6,
  ...FIGURE2,
  ...SUPPLEMENT1,
  ...SUPPLEMENT2,
  ...SUPPLEMENT3,
  ...SUPPLEMENT4,
  ...SUPPLEMENT5,
  ...SUPPLEMENT6,
  ...SUPPLEMENT7,
  ...SUPPLEMENT8,
];

/**
 * The recipes whose names fit any of the patterns, in which `*` stands for anything
 * but a slash, as in "table2/trades*". Each once, in the order of the list.
 *
 * @throws {UserError} for a pattern that fits none, with the nearest names.
 */
export function matchingRecipes(
  patterns: readonly string[],
): readonly Experiment[] {
  const fits = patterns.map((pattern) => {
    const parts = pattern.split("*").map((part) => RegExp.escape(part));
    const expression = new RegExp(`^${parts.join("[^/]*")}$`);
    const names = RECIPES.map(({ name }) => name);
    if (names.some((name) => expression.test(name))) return expression;
    throw new UserError(
      `Cannot find recipes for ${pattern}: expected a name, or a pattern such ` +
        `as "table2/*", but found none that fits${didYouMean(pattern, names)}`,
    );
  });
  return RECIPES.filter(({ name }) => fits.some((one) => one.test(name)));
}

/**
 * The recipe of that name.
 *
 * @throws {UserError} if there is none, with the nearest names.
 */
export function recipe(name: string): Experiment {
  const found = RECIPES.find((recipe) => recipe.name === name);
  if (found) return found;
  const names = RECIPES.map(({ name }) => name);
  throw new UserError(
    `Cannot find the recipe ${name}: expected one of those that the command ` +
      `"recipes" lists but found no such name${didYouMean(name, names)}`,
  );
}
