// `recipes`: which experiments have a name, and what is in one.

import { countText } from "../text/amounts.ts";
import type { Experiment, ReportedResult } from "../experiments/experiment.ts";
import { recipe, RECIPES } from "../experiments/recipes.ts";
import { EXIT, UsageError, userError } from "../text/user_error.ts";
import type { Command } from "./command.ts";

/** Lists the recipes, or prints one as JSON. */
export const RECIPES_COMMAND: Command = {
  name: "recipes",
  about: "List the experiments that have a name, or print one as JSON",
  operand: {
    name: "NAME",
    required: false,
    about: "the experiment to print; its keys are what --set takes",
  },
  options: [],
  examples: ["recipes", "recipes table1/trades-frpat"],
  async run({ operand }, terminal): Promise<number> {
    if (operand === undefined) terminal.print(recipeList(RECIPES));
    else {
      const found = await userError(() => recipe(operand), UsageError);
      terminal.print(JSON.stringify(found, null, 2));
    }
    return EXIT.done;
  },
};

/** Names, titles and reported accuracies, a block for each group of names. */
export function recipeList(recipes: readonly Experiment[]): string {
  const width = Math.max(...recipes.map(({ name }) => name.length));
  const groups = Map.groupBy(recipes, ({ name }) => name.split("/")[0]);
  return [...groups.values()].map((group) =>
    group.map(({ name, title, epochs, reported }) =>
      [
        `${name.padEnd(width)}  ${title}, ${countText(epochs)} epochs`,
        ...reported ? [`${"".padEnd(width)}  ${reportedText(reported)}`] : [],
      ].join("\n")
    ).join("\n")
  ).join("\n\n");
}

/** The figures that a paper reports, and where. */
export function reportedText(
  { source, clean, pgd20, autoAttack }: ReportedResult,
): string {
  const figures = Object.entries({
    "clean": clean,
    "PGD-20": pgd20,
    "AutoAttack": autoAttack,
  }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value.toFixed(2)}`]
  );
  return `${figures.join(", ")} (${source})`;
}
