// Many runs as one table: a row for each recipe, its accuracies as mean and standard
// deviation over seeds, best and last epoch and GAP, beside what a paper reports.
//
// The deviation is that of a sample (n - 1), and absent for one seed. What failed
// keeps its row and says why: a table must not look more complete than it is.

import type { ReportedResult } from "../config/experiment.ts";
import { accuracyText } from "../base/amounts.ts";
import { csvLine } from "../base/text_table.ts";
import {
  allReported,
  type BestAndLast,
  reportedAccuracies,
  reportedLabel,
} from "./reported_result.ts";
import { kindsIn, kindTitle, type MeasuredKind } from "./measured_kinds.ts";
import type { EpochResult, NetworkResult, ResultCard } from "./result_card.ts";

/** The results of the runs of one recipe. */
export interface SweepRow {
  /** The recipe's name. */
  readonly name: string;
  /** The experiment in a line, with what was changed of the recipe. */
  readonly title: string;
  readonly reported: ReportedResult | null;
  /** A card for each seed that is finished. */
  readonly cards: readonly ResultCard[];
  /** Runs asked for. */
  readonly runs: number;
  /** Why runs failed, a line each. */
  readonly errors: readonly string[];
}

/** A column: of which images, and at which epoch. */
interface Column {
  /** The attack's name, or "clean". */
  readonly attack: string;
  readonly at: keyof BestAndLast<unknown>;
}

const AT = ["best", "last", "gap"] as const;

/** Mean and sample standard deviation; the latter needs two values. */
export function meanAndDeviation(
  values: readonly number[],
): { readonly mean: number; readonly deviation: number | null } | null {
  if (values.length === 0) return null;
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  if (values.length === 1) return { mean, deviation: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** The table in Markdown, ending with a line break. */
export function sweepMarkdown(rows: readonly SweepRow[]): string {
  const columns = columnsOf(rows);
  const isReported = ({ attack, at }: Column): boolean =>
    rows.some(({ reported }) =>
      reportedAccuracies(reported, attack)[at] !== undefined
    );
  const head = [
    "recipe",
    "runs",
    ...columns.flatMap((column) => {
      const title = columnTitle(column);
      return isReported(column) ? [title, "reported"] : [title];
    }),
  ];
  const body = rows.map((row) => [
    row.name,
    `${row.cards.length} of ${row.runs}`,
    ...columns.flatMap((column) => {
      const cell = markdownCell(valuesOf(row, column));
      const { [column.at]: printed } = reportedAccuracies(
        row.reported,
        column.attack,
      );
      return isReported(column) ? [cell, accuracyText(printed)] : [cell];
    }),
  ]);
  const lines = [head, head.map((_, i) => i === 0 ? "---" : "--:"), ...body]
    .map((cells) => `| ${cells.join(" | ")} |`);
  const notes = markdownNotes(rows, columns).map((note) => `- ${note}`);
  return `${[...lines, "", ...notes].join("\n")}\n`;
}

/** The notes below the table: the meaning of its numbers, each recipe, each failure. */
function markdownNotes(
  rows: readonly SweepRow[],
  columns: readonly Column[],
): string[] {
  const recipes = rows.map(({ name, title, reported }) => {
    const source = reported
      ? `; reported: ${sourceText(reported, columns)}`
      : "";
    return `${name}: ${title}${source}`;
  });
  const errors = rows.flatMap(({ name, errors }) =>
    errors.map((error) => `**${name} failed**: ${error}`)
  );
  return [
    "Accuracies of the student on test images in percent, mean ± " +
    "standard deviation over seeds; GAP = best - last",
    ...attackNotes(rows),
    ...recipes,
    ...errors,
  ];
}

/** The table as CSV (RFC 4180): numbers alone in their cells, errors at the end. */
export function sweepCsv(rows: readonly SweepRow[]): string {
  const columns = columnsOf(rows);
  const head = [
    "recipe",
    "runs",
    "finished",
    ...columns.flatMap((column) => {
      const title = columnTitle(column);
      return [`${title} mean`, `${title} deviation`, `${title} reported`];
    }),
    "title",
    "source",
    "errors",
  ];
  const body = rows.map((row) => [
    row.name,
    String(row.runs),
    String(row.cards.length),
    ...columns.flatMap((column) => {
      const found = meanAndDeviation(valuesOf(row, column));
      const { [column.at]: printed } = reportedAccuracies(
        row.reported,
        column.attack,
      );
      return [found?.mean, found?.deviation, printed].map(plainNumber);
    }),
    row.title,
    row.reported?.source ?? "",
    row.errors.join("; "),
  ]);
  return [head, ...body].map((cells) => `${csvLine(cells)}\r\n`)
    .join("");
}

/** Clean images, then every attack of any card, then what is only reported. */
function columnsOf(rows: readonly SweepRow[]): Column[] {
  const measured = rows.flatMap(({ cards }) =>
    cards.flatMap(({ best, last }) =>
      [best, last].flatMap((at) => firstKinds(at).map(({ name }) => name))
    )
  );
  const attacks = new Map(
    ["clean", "pgd-20", ...measured].map((name) => [reportedLabel(name), name]),
  );
  return [...attacks.values()].flatMap((attack) =>
    AT.map((at): Column => ({ attack, at }))
  );
}

/** The numbers of a row's cards for a column. */
function valuesOf({ cards }: SweepRow, { attack, at }: Column): number[] {
  return cards.flatMap(({ best, last }) => {
    const [first, second] = [best, last].map((one) => accuracy(one, attack));
    const difference = first === undefined || second === undefined
      ? undefined
      : first - second;
    const value = { best: first, last: second, gap: difference }[at];
    return value === undefined ? [] : [value];
  });
}

function accuracy({ student }: EpochResult, attack: string) {
  const label = reportedLabel(attack);
  const kind = firstKinds({ student })
    .find(({ name }) => reportedLabel(name) === label);
  return kind?.accuracyIn(student);
}

/** What a student was measured on, by the first entry of each attack. */
function firstKinds({ student }: Pick<EpochResult, "student">): MeasuredKind[] {
  return kindsIn({ ...student, attacks: firstEntries(student) });
}

/** The first entry of each attack: those evaluated later have other settings. */
function firstEntries({ attacks }: NetworkResult): NetworkResult["attacks"] {
  return Object.fromEntries(
    Object.entries(attacks).filter(([, { attack }]) => attack === undefined),
  );
}

/** What each attack was, and of which recipes where these differ. */
function attackNotes(rows: readonly SweepRow[]): string[] {
  const recipesOf = new Map<string, Set<string>>();
  for (const { name, cards } of rows) {
    for (const { best, last } of cards) {
      const kinds = [best, last].flatMap(firstKinds);
      for (const title of kinds.map(kindTitle)) {
        recipesOf.set(title, (recipesOf.get(title) ?? new Set()).add(name));
      }
    }
  }
  return [...recipesOf].map(([title, names]) =>
    names.size === rows.length ? title : `${title} (${[...names].join(", ")})`
  );
}

function columnTitle({ attack, at }: Column): string {
  return `${reportedLabel(attack)} ${at === "gap" ? "GAP" : at}`;
}

function markdownCell(values: readonly number[]): string {
  const found = meanAndDeviation(values);
  if (!found) return "-";
  const { mean, deviation } = found;
  return deviation === null
    ? accuracyText(mean)
    : `${accuracyText(mean)} ± ${deviation.toFixed(2)}`;
}

/** The source, and the accuracies that no column has. */
function sourceText(
  reported: ReportedResult,
  columns: readonly Column[],
): string {
  const shown = columns.map(({ attack }) => reportedLabel(attack));
  const others = allReported(reported).flatMap(([label, { best }]) =>
    shown.includes(label) || best === undefined
      ? []
      : [`${label} ${best.toFixed(2)}`]
  );
  return others.length
    ? `${reported.source} (also ${others.join(", ")})`
    : reported.source;
}

/** A number with the digits that matter; nothing for what is not known. */
function plainNumber(value: number | null | undefined): string {
  return value === null || value === undefined
    ? ""
    : String(Number(value.toFixed(4)));
}
