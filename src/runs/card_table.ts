// A result card as text for a terminal: one row per network and kind of images, with best
// and last epoch side by side and the paper's accuracies at the end. An accuracy that a
// paper reports and the run did not measure has a row of dashes, so that a card never
// looks more complete than it is.

import { accuracyText, countedText, countText } from "../base/amounts.ts";
import { tableLines } from "../base/text_table.ts";
import { configText } from "../config/config_text.ts";
import { comparisonLines, comparisonRows } from "./comparison_rows.ts";
import { corruptionMeans } from "./corruption_result.ts";
import { kindsIn, kindsInPaper, type MeasuredKind } from "./measured_kinds.ts";
import {
  allReported,
  type BestAndLast,
  reportedAccuracies,
  reportedLabel,
} from "./reported_result.ts";
import {
  attackName,
  type AttackResult,
  type CardNetwork,
  type EpochResult,
  type ResultCard,
  type Selection,
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
      ...comparisonLines(card),
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
      `${countedText(epochs, "epoch")} of ${
        epochTime(secondsPerEpoch)
      }, seed ${seed}`,
    ],
    ...(card.selection ? [["best", selectionText(card.selection)]] : []),
  ];
}

/** What chose the best epoch, in words. */
export function selectionText({ on, images }: Selection): string {
  switch (on) {
    case "held-out":
      return `chosen on ${countText(images)} held-out training images`;
    case "test":
      return `chosen on the ${countText(images)} test images it is measured on`;
    case "none":
      return "the last epoch, since no images are held out";
  }
}

/** The columns before the accuracies. */
export const KIND_COLUMNS: Row = [
  "network",
  "attack",
  "epsilon",
  "step",
  "images",
];

/**
 * The table as cells: a head of two rows, the student, what papers report of other
 * kinds of images, the setting without its regularizers, other networks.
 */
export function resultRows(card: ResultCard): Row[] {
  const { best, last, reported } = card;
  const accuracies = reported ? allReported(reported) : [];
  const columns = reportedColumns(accuracies.map(([, found]) => found));
  const tail = (found: BestAndLast<number>): Row =>
    columns.map((column) => accuracyText(found[column]));
  const blank = KIND_COLUMNS.map(() => "");
  const rows: Row[] = [
    [...KIND_COLUMNS, "best", "last", "GAP", ...columns.map(columnTitle)],
    [...blank, `epoch ${best.epoch}`, `epoch ${last.epoch}`],
  ];
  const student = kindsIn(best.student, last.student);
  const inPaper = kindsInPaper(student);
  for (const kind of student) {
    const found = inPaper.includes(kind)
      ? reportedAccuracies(reported, kind.name)
      : {};
    rows.push([
      ...kindCells("student", kind),
      ...measured(card, "student", kind),
      ...tail(found),
    ]);
  }
  const labels = inPaper.map(({ name }) => reportedLabel(name));
  for (const [label, found] of accuracies) {
    if (labels.includes(label)) continue;
    rows.push(["student", label, "", "", "", "-", "-", "-", ...tail(found)]);
  }
  const others = [...comparisonRows(card), ...otherRows(card)];
  return [...rows, ...others.map((cells) => [...cells, ...tail({})])];
}

/** The rows of networks beside the student. */
function otherRows(card: ResultCard): Row[] {
  const { best, last } = card;
  return (["average", "teacher"] as const).flatMap((network) =>
    kindsIn(best[network] ?? null, last[network] ?? null).map((kind) => [
      ...kindCells(network, kind),
      ...measured(card, network, kind),
    ])
  );
}

function kindCells(
  network: string,
  { label, epsilon, step, count }: MeasuredKind,
): Row {
  return [network, label, epsilon, step, countText(count)];
}

/** Best, last and GAP of one kind. */
function measured(
  { best, last }: ResultCard,
  network: "student" | "average" | "teacher",
  { accuracyIn }: MeasuredKind,
): Row {
  const found = [best, last].map((at) => accuracyIn(at[network] ?? null));
  return [...found, difference(found)].map(accuracyText);
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

function difference(
  [best, last]: readonly (number | undefined)[],
): number | undefined {
  return best === undefined || last === undefined ? undefined : best - last;
}

/** The budget of each attack, once for all networks, and what corruptions left of each. */
export function attackLines({ best, last }: ResultCard): string[] {
  const lines = [best, last].flatMap((
    { student, average, teacher }: EpochResult,
  ) =>
    [student, average, teacher].flatMap((result) =>
      Object.entries(result?.attacks ?? {}).map(attackLine)
    )
  );
  return [...new Set([...lines, ...corruptionLines([best, last])])];
}

/** The accuracy under each corruption, by network and epoch. */
function corruptionLines(results: readonly EpochResult[]): string[] {
  return results.flatMap(({ epoch, ...networks }) =>
    Object.entries(networks).flatMap(([name, result]) =>
      result?.corruptions
        ? `15 corruptions, ${name} at epoch ${epoch}: ${
          corruptionMeans(result.corruptions)
        }`
        : []
    )
  );
}

function attackLine([key, result]: [string, AttackResult]): string {
  const { count, config, ensemble } = result;
  const name = attackName(key, result);
  const line = `${reportedLabel(name)}: ${configText(config)}, on ${
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

/** An architecture with its number of parameters. */
function networkText({ architecture, parameters }: CardNetwork): string {
  const { pretrained, ...own } = architecture;
  const past = pretrained
    ? `, ${pretrained.frozen ? "frozen" : "trained on"} from ${pretrained.from}`
    : "";
  return `${configText(own)}: ${countText(parameters)} parameters${past}`;
}

function epochTime(seconds: number): string {
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${(seconds / 3600).toFixed(1)} h`;
}
