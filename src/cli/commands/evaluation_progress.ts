// The progress of an evaluation as a line, and its results as a table.

import { countText, percentText } from "../../base/amounts.ts";
import type { NamedAttacks } from "../../config/named_attacks.ts";
import { attackCells } from "../../runs/measured_kinds.ts";
import { tableLines } from "../../base/text_table.ts";
import type {
  EvaluationResults,
  NetworkProgress,
} from "../../evaluation/network_accuracy.ts";

/** Where an evaluation is, in a line. */
export function progressText(state: NetworkProgress): string {
  const { network, attack, correct, count, of } = state;
  return `${network}, ${attack}: ${countText(count)} of ${countText(of)} ` +
    `images, ${percentText(correct / count)} correct so far`;
}

/** Accuracies as a table: a row for each network and attack, with what it was. */
export function resultsTable(
  results: EvaluationResults,
  attacks: NamedAttacks,
): string {
  const rows = Object.entries(results).flatMap(([network, accuracies]) =>
    Object.entries(accuracies).map(([attack, { correct, count }]) => [
      network,
      attack,
      ...attackCells(attacks[attack] ?? null),
      percentText(correct / count),
      `${countText(correct)} of ${countText(count)}`,
    ])
  );
  const head = ["network", "attack", "epsilon", "step", "accuracy", "images"];
  return tableLines([head, ...rows], { left: 2 }).join("\n");
}
