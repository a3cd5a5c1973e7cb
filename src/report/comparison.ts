// The results of several runs as one table: a column for each kind of image at the
// best and at the last epoch, and a row below each run for what the paper reports.

import { accuracyText } from "../base/amounts.ts";
import {
  kindsIn,
  kindsInPaper,
  kindTitle,
  type MeasuredKind,
} from "../runs/measured_kinds.ts";
import { reportedAccuracies } from "../runs/reported_result.ts";
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
  const kinds = kindsIn(
    ...runs.flatMap(({ card }) =>
      card ? [card.best.student, card.last.student] : []
    ),
  );
  return {
    head: [
      "experiment",
      "result",
      ...kinds.map(kindTitle).flatMap((title) => [
        `${title}: best`,
        `${title}: last`,
        `${title}: GAP`,
      ]),
      "seconds per epoch",
    ],
    rows: runs.flatMap((run, i) => rowsOf(run, { title: titles[i]!, kinds })),
  };
}

function rowsOf(
  { experiment, card }: ReportedRun,
  { title, kinds }: {
    readonly title: string;
    readonly kinds: readonly MeasuredKind[];
  },
): string[][] {
  const measured = kinds.flatMap(({ accuracyIn }) => {
    const best = accuracyIn(card?.best.student ?? null);
    const last = accuracyIn(card?.last.student ?? null);
    return [best, last, difference(best, last)].map(accuracyText);
  });
  const { seed } = experiment;
  const reported = card?.reported ?? experiment.reported;
  const seconds = card?.secondsPerEpoch.toFixed(1) ?? "-";
  const inPaper = kindsInPaper(kinds);
  const papers = kinds.flatMap((kind) => {
    const { best, last, gap } = inPaper.includes(kind)
      ? reportedAccuracies(reported, kind.name)
      : {};
    return [best, last, gap].map(accuracyText);
  });
  return [
    [title, `measured, seed ${seed}`, ...measured, seconds],
    ...reported ? [[title, "reported", ...papers, "-"]] : [],
  ];
}

function difference(best?: number, last?: number): number | undefined {
  return best === undefined || last === undefined ? undefined : best - last;
}
