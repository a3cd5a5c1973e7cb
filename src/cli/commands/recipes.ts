// `recipes`: lists the experiments that have a name, or prints one.

import { countedText } from "../../base/amounts.ts";
import type { Experiment, ReportedResult } from "../../config/experiment.ts";
import { experimentSchema } from "../../config/experiment_fields.ts";
import { recipe, RECIPES } from "../../recipes/mod.ts";
import { notesOf } from "../../recipes/readings.ts";
import { readingsPage } from "../../recipes/readings_page.ts";
import { allReported } from "../../runs/reported_result.ts";
import { EXIT } from "../../base/errors.ts";
import { asUsage } from "./as_usage.ts";
import type { Command } from "./command.ts";
import { experimentFields, kindList } from "./field_table.ts";
import type { Invocation } from "./invocation.ts";

/** Lists the recipes, prints one as JSON, or lists the fields of experiments. */
export const RECIPES_COMMAND: Command = {
  name: "recipes",
  about: "List the experiments that have a name, or print one as JSON",
  argument: {
    name: "NAME",
    required: false,
    about: "the experiment to print; its keys are what --set takes",
  },
  options: [
    {
      name: "fields",
      about: "Print what --set takes, with ranges; without NAME, of all kinds",
    },
    {
      name: "readings",
      about: "Print how the paper is read, and settings that read it otherwise",
    },
    {
      name: "schema",
      about: "Print the JSON Schema of experiments, for editors",
    },
  ],
  examples: [
    "recipes",
    "recipes table1/trades-frpat",
    "recipes table1/trades-frpat --fields",
    "recipes --schema",
  ],
  run(invocation, terminal): Promise<number> {
    terminal.print(recipesText(invocation));
    return Promise.resolve(EXIT.done);
  },
};

function recipesText(invocation: Invocation): string {
  const { argument } = invocation;
  const fields = invocation.flag("fields");
  if (invocation.flag("readings")) return readingsPage(RECIPES).trimEnd();
  if (invocation.flag("schema")) {
    return JSON.stringify(experimentSchema(), null, 2);
  }
  if (argument === undefined) return fields ? kindList() : recipeList(RECIPES);
  const found = asUsage(() => recipe(argument));
  if (fields) return experimentFields(found);
  return JSON.stringify(withNotes(found), null, 2);
}

/** An experiment with its readings among its notes, which stand behind its title. */
function withNotes(experiment: Experiment): Experiment {
  const { name, title, notes: _, ...others } = experiment;
  const notes = notesOf(experiment);
  return { name, title, ...notes.length > 0 && { notes }, ...others };
}

/** Names, titles and reported accuracies, a block for each group of names. */
export function recipeList(recipes: readonly Experiment[]): string {
  const groups = Map.groupBy(recipes, ({ name }) => name.split("/")[0]);
  return [...groups.values()].map(groupList).join("\n\n");
}

function groupList(recipes: readonly Experiment[]): string {
  const width = Math.max(...recipes.map(({ name }) => name.length));
  return recipes.map(({ name, title, epochs, reported }) =>
    [
      `${name.padEnd(width)}  ${title}, ${countedText(epochs, "epoch")}`,
      ...reported ? [`${"".padEnd(width)}  ${reportedText(reported)}`] : [],
    ].join("\n")
  ).join("\n");
}

/** The accuracies that a paper reports, and where. */
export function reportedText(reported: ReportedResult): string {
  const accuracies = allReported(reported).flatMap(([label, found]) =>
    Object.entries(found).flatMap(([at, value]) =>
      value === undefined ? [] : [`${labelAt(label, at)} ${value.toFixed(2)}`]
    )
  );
  return `${accuracies.join(", ")} (${reported.source})`;
}

function labelAt(label: string, at: string): string {
  if (at === "best") return label;
  return at === "gap" ? `GAP of ${label}` : `${label} at the end`;
}
