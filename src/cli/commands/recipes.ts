// `recipes`: which experiments have a name, and what is in one.

import { countText } from "../../base/amounts.ts";
import type { Experiment, ReportedResult } from "../../config/experiment.ts";
import { recipe, RECIPES } from "../../recipes/mod.ts";
import { allReported } from "../../runs/reported_result.ts";
import { EXIT } from "../../base/errors.ts";
import { asUsage } from "./as_usage.ts";
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
  run({ operand }, terminal): Promise<number> {
    if (operand === undefined) terminal.print(recipeList(RECIPES));
    else {
      const found = asUsage(() => recipe(operand));
      terminal.print(JSON.stringify(found, null, 2));
    }
    return Promise.resolve(EXIT.done);
  },
};

/** Names, titles and reported accuracies, a block for each group of names. */
export function recipeList(recipes: readonly Experiment[]): string {
  const groups = Map.groupBy(recipes, ({ name }) => name.split("/")[0]);
  return [...groups.values()].map(groupList).join("\n\n");
}

function groupList(recipes: readonly Experiment[]): string {
  const width = Math.max(...recipes.map(({ name }) => name.length));
  return recipes.map(({ name, title, epochs, reported }) =>
    [
      `${name.padEnd(width)}  ${title}, ${countText(epochs)} epochs`,
      ...reported ? [`${"".padEnd(width)}  ${reportedText(reported)}`] : [],
    ].join("\n")
  ).join("\n");
}

/** The figures that a paper reports, and where. */
export function reportedText(reported: ReportedResult): string {
  const figures = allReported(reported).flatMap(([label, found]) =>
    Object.entries(found).flatMap(([at, value]) =>
      value === undefined ? [] : [`${labelAt(label, at)} ${value.toFixed(2)}`]
    )
  );
  return `${figures.join(", ")} (${reported.source})`;
}

function labelAt(label: string, at: string): string {
  if (at === "best") return label;
  return at === "gap" ? `GAP of ${label}` : `${label} at the end`;
}
