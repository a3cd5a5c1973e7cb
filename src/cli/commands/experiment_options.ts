// The options by which commands choose an experiment, and what is chosen.

import type { Experiment } from "../../config/experiment.ts";
import { DEFAULT_RECIPE, recipe } from "../../recipes/mod.ts";
import { applySettings } from "../../config/settings.ts";
import { asUsage } from "./as_usage.ts";
import type { Argument, Option } from "./syntax.ts";
import type { Invocation } from "./invocation.ts";

/** The recipe of a command that cannot do without. */
export const RECIPE: Argument = {
  name: "RECIPE",
  required: true,
  about: 'the name of an experiment, as "recipes" lists them',
};

/** A folder with the images. */
export const DATA: Option = {
  name: "data",
  value: "DIR",
  about: "Folder with the data set; CIFAR is downloaded once if left out",
};

/** Changes to a recipe. */
export const CHANGES: readonly Option[] = [
  { name: "epochs", value: "N", about: "Epochs to train for" },
  { name: "seed", value: "N", about: "The source of all randomness" },
  {
    name: "set",
    value: "KEY=VALUE",
    many: true,
    about: "Any field of a recipe; recipes RECIPE --fields lists them",
  },
];

/**
 * The experiment that an invocation asks for.
 *
 * @throws {UsageError} if there is no such recipe, or it has no such setting.
 */
export function chosenExperiment(
  invocation: Invocation,
): Experiment {
  const { argument = DEFAULT_RECIPE } = invocation;
  const settings = [...changesOf(invocation)];
  return asUsage(() => applySettings(recipe(argument), settings));
}

/** The changes to a recipe that an invocation asks for, as settings. */
export function changesOf(invocation: Invocation): string[] {
  const named = ["epochs", "seed"].flatMap((name) => {
    const value = invocation.value(name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return [...named, ...invocation.values("set")];
}
