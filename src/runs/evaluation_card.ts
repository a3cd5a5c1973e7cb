// The result of evaluating a network that was trained elsewhere, as plain data: the hash
// of its file, the network, the normalization of images, and accuracies beside the attacks
// that they were measured with. Accuracies are percentages.

import type { Normalization } from "../nn/normalized.ts";
import { accuracyText, countText } from "../base/amounts.ts";
import { tableLines } from "../base/text_table.ts";
import { configText } from "../config/config_text.ts";
import { kindsIn } from "./measured_kinds.ts";
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
  /** The source of the attacks' randomness. */
  readonly seed: number;
  /** The device that it was measured on. */
  readonly adapter: string;
}

/** The card as lines of text. */
export function renderEvaluation(card: EvaluationCard): string {
  const { weights, network, normalization, dataset, result } = card;
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
  const attacks = Object.entries(result.attacks).map(([key, found]) =>
    `${attackName(key, found)}: ${configText(found.config)}${
      zeroGradientText(found)
    }`
  );
  return [
    ...tableLines(about, { left: 2 }),
    "",
    ...tableLines(resultRows(result), { left: 1 }),
    "",
    ...relation ? [...tableLines(relationRows(relation), { left: 1 }), ""] : [],
    "Accuracies in percent",
    ...attacks,
    ...relation ? [`k-NN: ${relationText(relation)}`] : [],
    ...dataset.notes.map((note) => `Note: ${note}`),
  ].join("\n");
}

/** Clean images and every attack, with what each was. */
function resultRows({ relation: _, ...result }: NetworkResult): string[][] {
  return [
    ["attack", "epsilon", "step", "images", "accuracy"],
    ...kindsIn(result).map((kind) => [
      kind.label,
      kind.epsilon,
      kind.step,
      countText(kind.count),
      accuracyText(kind.accuracyIn(result)),
    ]),
  ];
}

function imagesText(
  { mean, std, from }: NonNullable<EvaluationCard["normalization"]>,
): string {
  const text = (numbers: readonly number[]) =>
    numbers.map((number) => Number(number.toPrecision(5))).join(" ");
  const who = from === "file" ? "as the file has it" : "as it was asked for";
  return `normalized by mean ${text(mean)}, deviation ${text(std)}, ${who}`;
}
