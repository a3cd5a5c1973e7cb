// `sweep --dry-run`: the list of runs, where each of them stands, and their total.

import { countText } from "../../base/amounts.ts";
import { EXIT, UserError } from "../../base/errors.ts";
import { tableLines } from "../../base/text_table.ts";
import { holderOf } from "../../runs/run_folder.ts";
import { stateOf } from "../../trainer/run_state.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { PlannedRun } from "./sweep_runs.ts";

/** What can be said of a run, in the order of the total. */
const STATES = ["finished", "held", "begun", "new", "not usable"] as const;

type State = typeof STATES[number];

/** Prints the runs and how many there are. Returns the exit code. */
export async function printPlan(
  runs: readonly PlannedRun[],
  terminal: Terminal,
): Promise<number> {
  const states: State[] = [];
  for (const run of runs) states.push(await standingOf(run));
  const rows = runs.map(({ label, experiment: { seed }, path }, i) => [
    label ?? "",
    `seed ${seed}`,
    path,
    states[i]!,
  ]);
  for (const line of tableLines(rows, { left: 4 })) terminal.print(line);
  const counts = STATES.flatMap((state) => {
    const count = states.filter((one) => one === state).length;
    return count ? [`${countText(count)} ${state}`] : [];
  });
  const epochs = runs.reduce((sum, run) => sum + run.experiment.epochs, 0);
  terminal.print(
    `Runs: ${countText(runs.length)}, of ${countText(epochs)} epochs in all; ` +
      `${counts.join(", ")}. Nothing was started`,
  );
  return states.includes("not usable") ? EXIT.failed : EXIT.done;
}

async function standingOf(run: PlannedRun): Promise<State> {
  try {
    const state = await stateOf(run);
    if (typeof state !== "string") return "finished";
    return await holderOf(run.path) === null ? state : "held";
  } catch (error) {
    if (error instanceof UserError) return "not usable";
    throw error;
  }
}
