// The options by which commands choose an experiment.

import type { Experiment } from "../../config/experiment.ts";
import { DEFAULT_RECIPE, recipe } from "../../recipes/mod.ts";
import { applySettings } from "../../config/settings.ts";
import { asUsage } from "./as_usage.ts";
import type { Argument, Option } from "./syntax.ts";
import type { Invocation } from "./invocation.ts";

/** The argument of commands that need a recipe. */
export const RECIPE: Argument = {
  name: "RECIPE",
  required: true,
  about: 'the name of an experiment, as "recipes" lists them',
};

/** The option for the folder of a data set. */
export const DATA: Option = {
  name: "data",
  value: "DIR",
  about: "Folder with the data set; CIFAR is downloaded once if left out",
};

/** The options that change a recipe. */
export const CHANGES: readonly Option[] = [
  { name: "epochs", value: "N", about: "Epochs to train for" },
  { name: "seed", value: "N", about: "The source of all randomness" },
  {
    name: "set",
    value: "KEY=VALUE",
    many: true,
    about: "Any field, as recipes RECIPE --fields lists them; precision=f16 " +
      "saves memory",
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
