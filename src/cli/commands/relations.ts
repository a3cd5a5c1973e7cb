// `relations`: relationship scores of several evaluated runs side by side, as in
// FRPAT's Figure 2d.

import type { ObjectiveConfig } from "../../config/experiment.ts";
import {
  csvOf,
  markdownOf,
  relationTable,
  type ScoredRun,
} from "../../runs/relation_table.ts";
import { RunFolder } from "../../runs/run_folder.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT, UsageError, UserError } from "../../base/errors.ts";
import type { Command } from "./command.ts";
import type { Invocation } from "./invocation.ts";

/** Compares relationship scores. */
export const RELATIONS: Command = {
  name: "relations",
  about: "Compare the relationship scores of runs, by TRADES' beta",
  argument: {
    name: "RUN",
    required: true,
    many: true,
    about: "folders of runs that evaluate --relation has scored",
  },
  options: [
    { name: "csv", about: "As comma-separated values instead of Markdown" },
    { name: "checkpoint", value: "NAME", about: "best (the default) or last" },
  ],
  examples: [
    "relations runs/figure2-trades-beta-*-seed1",
    "relations runs/figure2-* --csv > figure2d.csv",
  ],
  run: compareRelations,
};

async function compareRelations(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const epoch = invocation.value("checkpoint") ?? "best";
  if (epoch !== "best" && epoch !== "last") {
    throw new UsageError(
      `Cannot compare: expected --checkpoint best or last but found ${epoch}`,
    );
  }
  const runs: ScoredRun[] = [];
  for (const path of invocation.args) runs.push(await scoredRun(path));
  const table = relationTable(runs, epoch);
  terminal.print(invocation.flag("csv") ? csvOf(table) : markdownOf(table));
  return EXIT.done;
}

async function scoredRun(path: string): Promise<ScoredRun> {
  const folder = await RunFolder.open(path);
  const card = await folder.readCard();
  if (!card) {
    throw new UserError(
      `Cannot compare ${path}: expected a finished run but found no card`,
    );
  }
  return { name: path, beta: betaOf(folder.experiment.objective), card };
}

function betaOf(objective: ObjectiveConfig): number | null {
  return objective.method === "trades" ? objective.beta : null;
}
