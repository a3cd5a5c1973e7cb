// The result of evaluating a network that was trained elsewhere, as plain data: the hash
// of its file, the network, the normalization of images, and accuracies beside the attacks
// that they were measured with. Accuracies are percentages.

import { fractionValue } from "../base/fraction.ts";
import type { LeaderboardEntry } from "../config/robustbench.ts";
import type { Normalization } from "../nn/normalized.ts";
import { accuracyText, countText } from "../base/amounts.ts";
import { tableLines } from "../base/text_table.ts";
import { configText } from "../config/config_text.ts";
import { kindsIn, type MeasuredKind } from "./measured_kinds.ts";
import { reportedLabel } from "./reported_result.ts";
import { relationRows, relationText } from "./relation_result.ts";
import {
  attackName,
  type CardNetwork,
  type NetworkResult,
  zeroGradientText,
} from "./result_card.ts";

/** The format of such a card's file. */
export const EVALUATION_FORMAT = "frpat-evaluation-1";

/** The result of evaluating a file of weights. */
export interface EvaluationCard {
  /** The kind of file, and its version. */
  readonly format: typeof EVALUATION_FORMAT;
  /** The file, by its path and its SHA-256. */
  readonly weights: { readonly file: string; readonly sha256: string };
  readonly network: CardNetwork & { readonly classes: number };
  /** The normalization of images and its source; null for none. */
  readonly normalization:
    | Normalization & { readonly from: "file" | "user" }
    | null;
  /** The data set; `contents` identifies the images. */
  readonly dataset: {
    readonly title: string;
    readonly notes: readonly string[];
    readonly contents: string;
  };
  readonly result: NetworkResult;
  /** What RobustBench's list reports of it; null for what is on none. */
  readonly leaderboard: LeaderboardEntry | null;
  /** The source of the attacks' randomness. */
  readonly seed: number;
  /** The device that it was measured on. */
  readonly adapter: string;
}

/** The card as lines of text. */
export function renderEvaluation(card: EvaluationCard): string {
  const { weights, network, normalization, dataset, result, leaderboard } =
    card;
  const { relation } = result;
  const about = [
    ["weights", `${weights.file}, SHA-256 ${weights.sha256.slice(0, 16)}…`],
    [
      "network",
      `${configText(network.architecture)}, ${network.classes} classes: ` +
      `${countText(network.parameters)} parameters`,
    ],
    ["images", normalization ? imagesText(normalization) : "as they are"],
    ["data", dataset.title],
  ];
  const rows = accuracyRows(card);
  const attacks = Object.entries(result.attacks).map(([key, found]) =>
    `${reportedLabel(attackName(key, found))}: ${configText(found.config)}${
      zeroGradientText(found)
    }`
  );
  return [
    ...tableLines(about, { left: 2 }),
    "",
    ...tableLines(rows, { left: 1 }),
    "",
    ...relation ? [...tableLines(relationRows(relation), { left: 1 }), ""] : [],
    "Accuracies in percent",
    ...attacks,
    ...relation ? [`k-NN: ${relationText(relation)}`] : [],
    ...leaderboard ? [leaderboardText(leaderboard)] : [],
    ...dataset.notes.map((note) => `Note: ${note}`),
  ].join("\n");
}

/** Accuracies by attack, beside those of a list where the network is on one. */
function accuracyRows(
  { result, leaderboard }: Pick<EvaluationCard, "result" | "leaderboard">,
): string[][] {
  const { relation: _, ...measured } = result;
  const tail = (listed: string) => leaderboard ? [listed] : [];
  return [
    ["attack", "epsilon", "step", "images", "accuracy", ...tail("RobustBench")],
    ...kindsIn(measured).map((kind) => [
      kind.label,
      kind.epsilon,
      kind.step,
      countText(kind.count),
      accuracyText(kind.accuracyIn(measured)),
      ...tail(listedAccuracy(kind, leaderboard)),
    ]),
  ];
}

/** What a list has beside a row: AutoAttack's accuracy, in the list's ball alone. */
function listedAccuracy(
  { name, norm, epsilon }: MeasuredKind,
  listed: LeaderboardEntry | null,
): string {
  if (!listed) return "";
  if (name === "clean") return listed.clean.toFixed(2);
  const same = name === "autoattack" && norm === listed.norm &&
    fractionValue(epsilon) === fractionValue(listed.epsilon);
  return same ? listed.autoattack.toFixed(2) : "";
}

function leaderboardText(
  { name, norm, epsilon, clean, autoattack, leastKnown }: LeaderboardEntry,
): string {
  const least = leastKnown === null
    ? ""
    : `, ${leastKnown.toFixed(2)} at the least that is known`;
  return `RobustBench's list has ${name} at ${clean.toFixed(2)} clean and ${
    autoattack.toFixed(2)
  } under AutoAttack${least} (norm ${norm}, epsilon ${epsilon}, 10,000 images)`;
}

function imagesText(
  { mean, std, from }: NonNullable<EvaluationCard["normalization"]>,
): string {
  const text = (numbers: readonly number[]) =>
    numbers.map((number) => Number(number.toPrecision(5))).join(" ");
  const who = from === "file" ? "as the file has it" : "as it was asked for";
  return `normalized by mean ${text(mean)}, deviation ${text(std)}, ${who}`;
}
