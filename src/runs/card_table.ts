// A result card as text for a terminal: one row per network and kind of images, with best
// and last epoch side by side and the paper's accuracies at the end. An accuracy that a
// paper reports and the run did not measure has a row of dashes, so that a card never
// looks more complete than it is.

import { accuracyText, countText } from "../base/amounts.ts";
import { tableLines } from "../base/text_table.ts";
import type { EnsembleConfig } from "../config/ensemble_config.ts";
import type { AttackConfig } from "../config/experiment.ts";
import {
  allReported,
  type BestAndLast,
  reportedAccuracies,
  reportedLabel,
} from "./reported_result.ts";
import { SHOWN_NEIGHBORS } from "./relation_result.ts";
import {
  type AttackResult,
  type CardNetwork,
  type EpochResult,
  type NetworkResult,
  type ResultCard,
  zeroGradientText,
} from "./result_card.ts";

/** Cells from left to right. */
export type Row = readonly string[];

/** The card as lines of text, the last of which ends with a line break. */
export function renderCard(card: ResultCard): string {
  const { dataset, warnings, reported } = card;
  const sections = [
    [`${card.experiment}: ${card.title}`],
    tableLines(aboutRows(card), { left: 2 }),
    tableLines(resultRows(card), { left: 2 }),
    [
      `Accuracies in percent; GAP = best - last${
        reported ? `; reported: ${reported.source}` : ""
      }`,
      ...attackLines(card),
    ],
    [
      ...dataset.notes.map((note) => `Note: ${note}`),
      ...warnings.map((warning) => `Warning: ${warning}`),
    ],
  ];
  return sections.filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`).join("\n");
}

/** The experiment, the data and the time, as names and texts. */
export function aboutRows(card: ResultCard): Row[] {
  const { student, teacher, epochs, seed, secondsPerEpoch } = card;
  return [
    ["data", card.dataset.title],
    ["student", networkText(student)],
    ...(teacher ? [["teacher", networkText(teacher)]] : []),
    [
      "run",
      `${epochs} epochs of ${epochTime(secondsPerEpoch)}, seed ${seed}`,
    ],
  ];
}

/** The table as cells: a head of two rows, the student, reported accuracies, the teacher. */
export function resultRows(card: ResultCard): Row[] {
  const { best, last, reported } = card;
  const accuracies = reported ? allReported(reported) : [];
  const columns = reportedColumns(accuracies.map(([, found]) => found));
  const tail = (found: BestAndLast<number>): Row =>
    columns.map((column) => accuracyText(found[column]));
  const rows: Row[] = [
    ["", "", "best", "last", "GAP", ...columns.map(columnTitle)],
    ["", "", `epoch ${best.epoch}`, `epoch ${last.epoch}`],
  ];
  const measured = new Set<string>();
  for (const network of ["student", "teacher"] as const) {
    for (const name of namesIn(best[network], last[network])) {
      const found = [best, last].map((at) => accuracyAt(at[network], name));
      const isStudent = network === "student";
      if (isStudent) measured.add(reportedLabel(name));
      rows.push([
        network,
        reportedLabel(name),
        ...found.map(accuracyText),
        accuracyText(difference(found)),
        ...tail(isStudent ? reportedAccuracies(reported, name) : {}),
      ]);
    }
    if (network === "student") {
      const unmeasured = accuracies.filter(([label]) => !measured.has(label));
      for (const [label, found] of unmeasured) {
        rows.push(["student", label, "-", "-", "-", ...tail(found)]);
      }
    }
  }
  return rows;
}

/** The columns of best, last and GAP in which a paper reports an accuracy. */
function reportedColumns(
  accuracies: readonly BestAndLast<number>[],
): (keyof BestAndLast<number>)[] {
  return (["best", "last", "gap"] as const).filter((column) =>
    accuracies.some((found) => found[column] !== undefined)
  );
}

function columnTitle(column: keyof BestAndLast<number>): string {
  return { best: "reported", last: "reported last", gap: "reported GAP" }[
    column
  ];
}

/** The relationship score's rows. */
const RELATIONS = ["relationClean", "relationRobust"] as const;

/** "clean", the attacks that any of the results is of, and relationship scores. */
export function namesIn(
  ...results: readonly (NetworkResult | null)[]
): string[] {
  const names = results.flatMap((result) =>
    result ? ["clean", ...Object.keys(result.attacks)] : []
  );
  const scored = results.some((result) => result?.relation);
  return [...new Set(names), ...scored ? RELATIONS : []];
}

/** The percentage under one of {@linkcode namesIn}; undefined if not measured. */
export function accuracyAt(
  result: NetworkResult | null,
  name: string,
): number | undefined {
  const kind = RELATIONS.find((kind) => kind === name);
  if (kind) return result?.relation?.[kind][SHOWN_NEIGHBORS];
  return name === "clean" ? result?.clean : result?.attacks[name]?.accuracy;
}

function difference(
  [best, last]: readonly (number | undefined)[],
): number | undefined {
  return best === undefined || last === undefined ? undefined : best - last;
}

/** The budget of each attack, once for student and teacher. */
export function attackLines({ best, last }: ResultCard): string[] {
  const lines = [best, last].flatMap(({ student, teacher }: EpochResult) =>
    [student, teacher].flatMap((result) =>
      Object.entries(result?.attacks ?? {}).map(attackLine)
    )
  );
  return [...new Set(lines)];
}

function attackLine([name, result]: [string, AttackResult]): string {
  const { count, config, ensemble } = result;
  const line = `${reportedLabel(name)}: ${fieldsText(config)}, on ${
    countText(count)
  } images${zeroGradientText(result)}`;
  if (!ensemble) return line;
  const { stages, warnings, passes, expectedPasses } = ensemble;
  const left = stages.map(({ name, accuracy }) =>
    `${name} ${accuracyText(accuracy)}`
  );
  return [
    `${line}; ${left.join(", ")}; ${countText(passes)} forward passes ` +
    `(${countText(expectedPasses)} expected)`,
    ...warnings.map((warning) => `${reportedLabel(name)} warns: ${warning}`),
  ].join("\n");
}

/** A configuration's kind, then its fields as they stand in the experiment. */
export function fieldsText(
  config: AttackConfig | EnsembleConfig | CardNetwork["architecture"],
): string {
  const [kind, ...fields] = Object.entries(config);
  const texts = fields.map(([name, value]) =>
    `${name} ${
      typeof value === "object" ? Object.values(value).join(" ") : value
    }`
  );
  return [kind?.[1], ...texts].join(", ");
}

/** An architecture with its number of parameters. */
function networkText({ architecture, parameters }: CardNetwork): string {
  const { pretrained, ...own } = architecture;
  const past = pretrained
    ? `, ${pretrained.frozen ? "frozen" : "trained on"} from ${pretrained.from}`
    : "";
  return `${fieldsText(own)}: ${countText(parameters)} parameters${past}`;
}

function epochTime(seconds: number): string {
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${(seconds / 3600).toFixed(1)} h`;
}
