// The results of several runs as one table: a column for each kind of image at the
// best and at the last epoch, and a row below each run for what the paper reports.

import { accuracyText } from "../base/amounts.ts";
import { accuracyAt, namesIn } from "../runs/card_table.ts";
import { reportedAccuracies, reportedLabel } from "../runs/reported_result.ts";
import type { ReportedRun } from "./reported_run.ts";
import { runNames } from "./run_names.ts";

/** A table's cells. */
export interface ComparedRows {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The table of runs, finished or not; a dash stands for a missing number. */
export function comparedRows(runs: readonly ReportedRun[]): ComparedRows {
  const titles = runNames(runs);
  const names = [...new Set(["clean", ...runs.flatMap(measuredNames)])];
  return {
    head: [
      "experiment",
      "result",
      ...names.flatMap((name) => [
        `${reportedLabel(name)}, best`,
        `${reportedLabel(name)}, last`,
        `${reportedLabel(name)}, GAP`,
      ]),
      "seconds per epoch",
    ],
    rows: runs.flatMap((run, i) => rowsOf(run, { title: titles[i]!, names })),
  };
}

function rowsOf(
  { experiment, card }: ReportedRun,
  { title, names }: {
    readonly title: string;
    readonly names: readonly string[];
  },
): string[][] {
  const measured = names.flatMap((name) => {
    const best = accuracyAt(card?.best.student ?? null, name);
    const last = accuracyAt(card?.last.student ?? null, name);
    return [best, last, difference(best, last)].map(accuracyText);
  });
  const { seed } = experiment;
  const reported = card?.reported ?? experiment.reported;
  const seconds = card?.secondsPerEpoch.toFixed(1) ?? "-";
  const papers = names.flatMap((name) => {
    const { best, last, gap } = reportedAccuracies(reported, name);
    return [best, last, gap].map(accuracyText);
  });
  return [
    [title, `measured, seed ${seed}`, ...measured, seconds],
    ...reported ? [[title, "reported", ...papers, "-"]] : [],
  ];
}

/** Names of everything that a run's student was measured on. */
function measuredNames({ card }: ReportedRun): string[] {
  return card ? namesIn(card.best.student, card.last.student) : [];
}

function difference(best?: number, last?: number): number | undefined {
  return best === undefined || last === undefined ? undefined : best - last;
}
