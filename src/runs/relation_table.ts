// The data of FRPAT's Figure 2d: relationship scores of several runs side by side, a
// row per run, as Markdown for people and as CSV for plots.

import { UserError } from "../base/errors.ts";
import { commandLine } from "../base/command_line.ts";
import { csvLine } from "../base/text_table.ts";
import { attackCells } from "./measured_kinds.ts";
import type { RelationResult, ResultCard } from "./result_card.ts";

/** A run with its card, and its place in the table. */
export interface ScoredRun {
  /** The name in the table. */
  readonly name: string;
  /** TRADES' weight of robustness; null for other objectives. */
  readonly beta: number | null;
  readonly card: ResultCard;
}

/** Cells by row, the first row being the head. */
export type RelationTable = readonly (readonly string[])[];

/**
 * The table of the students' scores, runs without TRADES first, then by beta.
 *
 * @param epoch At which of a run's epochs.
 * @throws {UserError} naming a run whose card has no score there.
 */
export function relationTable(
  runs: readonly ScoredRun[],
  epoch: "best" | "last",
): RelationTable {
  const scores = runs.map((run) => {
    const { relation } = run.card[epoch].student;
    if (relation) return { ...run, relation };
    const words = [run.name, "--relation", "--checkpoint", epoch];
    const evaluation = commandLine("evaluate", words);
    throw new UserError(
      `Cannot compare ${run.name}: expected a relationship score of its ${epoch} ` +
        `epoch but found none; ${evaluation} measures it`,
    );
  });
  const sorted = scores.toSorted((a, b) => (a.beta ?? -1) - (b.beta ?? -1));
  const numbers = Object.keys(scores[0]?.relation.relationClean ?? {});
  const cells = (relation: RelationResult) =>
    [relation.relationClean, relation.relationRobust].flatMap((percents) =>
      numbers.map((k) => percents[k]?.toFixed(2) ?? "")
    );
  return [
    [
      "run",
      "beta",
      "epsilon",
      "step",
      "images",
      ...numbers.map((k) => `clean k=${k}`),
      ...numbers.map((k) => `robust k=${k}`),
    ],
    ...sorted.map(({ name, beta, relation }) => [
      name,
      beta === null ? "" : String(beta),
      ...attackCells(relation.config),
      String(relation.queries),
      ...cells(relation),
    ]),
  ];
}

/** A table as Markdown. */
export function markdownOf([head, ...rows]: RelationTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head!.map((_, i) => i === 0 ? "---" : "---:");
  return [head!, rule, ...rows].map(line).join("\n");
}

/** A table as CSV, as RFC 4180 quotes it. */
export function csvOf(table: RelationTable): string {
  return table.map(csvLine).join("\n");
}
