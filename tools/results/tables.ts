// A study as a table in Markdown: a row for each group, means and deviations over seeds,
// and below it what a reader needs to repeat it.

import { countedText } from "../../src/base/amounts.ts";
import { UserError } from "../../src/base/errors.ts";
import { SHOWN_NEIGHBORS } from "../../src/runs/relation_result.ts";
import { reportedLabel } from "../../src/runs/reported_result.ts";
import { namedGroups, spread, spreadText } from "./groups.ts";
import { markdownTable, paragraph } from "./markdown.ts";
import type { At, Measures, Study, StudyGroup, StudyRun } from "./study.ts";

/** How a table is wished for. */
export interface TableWishes {
  /** The epoch whose networks are shown. */
  readonly at: At;
  /** Numbers of neighbors of relationship scores. */
  readonly neighbors?: readonly string[];
  /** Only these groups, by name; all if left out. */
  readonly rows?: readonly string[] | undefined;
}

interface Column {
  readonly title: string;
  readonly digits?: number;
  readonly of: (run: StudyRun) => number | undefined;
}

/** The whole table with its source. */
export function studyTable(study: Study, wishes: TableWishes): string {
  const columns = [
    ...accuracyColumns(study, wishes.at),
    ...relationColumns(study, wishes),
    {
      title: "s/epoch",
      digits: 1,
      of: ({ secondsPerEpoch }: StudyRun) => secondsPerEpoch,
    },
  ];
  return [
    tableOf(study, { ...wishes, columns }),
    paragraph(sourceText(study, wishes)),
    ["```sh", ...study.commands, "```"].join("\n"),
  ].join("\n\n");
}

/** Clean and robust accuracies alone, with a line about them. */
export function briefTable(study: Study, wishes: TableWishes): string {
  const columns = accuracyColumns(study, wishes.at);
  return [
    tableOf(study, { ...wishes, columns }),
    paragraph(`${meaningText(wishes)} ${machineText(study)}.`),
  ].join("\n\n");
}

function tableOf(
  study: Study,
  { columns, rows }: TableWishes & { readonly columns: readonly Column[] },
): string {
  const groups = chosenGroups(study, rows);
  const head = ["recipe", "seeds", ...columns.map(({ title }) => title)];
  const body = groups.map(([name, { runs }]) => [
    `\`${name}\``,
    String(runs.length),
    ...columns.map(({ of, digits }) => spreadText(spread(runs, of), digits)),
  ]);
  return markdownTable([head, ...body], { left: 1 });
}

/** The groups of these names, in their order; all where none are named. */
function chosenGroups(
  study: Study,
  names: readonly string[] | undefined,
): (readonly [string, StudyGroup])[] {
  const all = namedGroups(study);
  if (!names) return [...all];
  return names.map((name) => {
    const group = all.get(name);
    if (group) return [name, group];
    throw new UserError(
      `Cannot fill a table of ${study.name}: expected rows among ${
        [...all.keys()].join(", ")
      } but found ${name}`,
    );
  });
}

function accuracyColumns({ groups }: Study, at: At): Column[] {
  const measures = groups.flatMap(({ runs }) => runs.map((run) => run[at]));
  const attacks = new Set(measures.flatMap((one) => Object.keys(one.attacks)));
  return [
    { title: "clean", of: (run) => run[at].clean },
    ...[...attacks].map((attack): Column => ({
      title: reportedLabel(attack),
      of: (run) => run[at].attacks[attack],
    })),
  ];
}

/** Scores of clean and of adversarial images, where any run has them. */
function relationColumns(
  { groups }: Study,
  { at, neighbors = [SHOWN_NEIGHBORS] }: TableWishes,
): Column[] {
  const columns = (["clean", "robust"] as const).flatMap((kind) =>
    neighbors.map((k): Column => ({
      title: `${k}-NN ${kind}`,
      of: (run) => score(run[at], kind, k),
    }))
  );
  return columns.filter(({ of }) =>
    groups.some(({ runs }) => runs.some((run) => of(run) !== undefined))
  );
}

function score(
  { relation }: Measures,
  ...[kind, k]: readonly ["clean" | "robust", string]
): number | undefined {
  return relation?.[kind][k];
}

function sourceText(study: Study, wishes: TableWishes): string {
  const seeds = study.groups.flatMap(({ runs }) =>
    runs.map(({ seed }) => seed)
  );
  const distinct = [...new Set(seeds)].sort((a, b) => a - b);
  return [
    meaningText(wishes),
    "s/epoch is the time of an epoch's training steps.",
    ...study.notes.map((note) => `${note}.`),
    `${machineText(study)}, ${countedText(distinct.length, "seed")} (${
      distinct.join(", ")
    }), by`,
  ].join(" ");
}

function meaningText({ at }: TableWishes): string {
  return "Mean ± standard deviation over seeds, of the student on test images " +
    `in percent, ${
      at === "best" ? "at the best epoch" : "after the last epoch"
    }.`;
}

function machineText({ devices, deno, commits, date }: Study): string {
  const short = commits.map((commit) => commit.slice(0, 8));
  return `Measured until ${date} on ${devices.join(" and ")} by Deno ${
    deno.join(", ")
  }, commit ${short.join(", ")}`;
}
