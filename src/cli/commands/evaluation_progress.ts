// The progress of an evaluation as a line, and its results as a table.

import { countText, percentText } from "../../base/amounts.ts";
import { tableLines } from "../../base/text_table.ts";
import type {
  EvaluationResults,
  NetworkProgress,
} from "../../evaluation/network_accuracy.ts";

/** The progress of an evaluation as a line. */
export function progressText(state: NetworkProgress): string {
  const { network, attack, correct, count, of } = state;
  return `${network}, ${attack}: ${countText(count)} of ${countText(of)} ` +
    `images, ${percentText(correct / count)} correct so far`;
}

/** Accuracies as a table: a row for each network and attack. */
export function resultsTable(results: EvaluationResults): string {
  const rows = Object.entries(results).flatMap(([network, accuracies]) =>
    Object.entries(accuracies).map(([attack, { correct, count }]) => [
      network,
      attack,
      percentText(correct / count),
      `${countText(correct)} of ${countText(count)}`,
    ])
  );
  const head = ["network", "attack", "accuracy", "images"];
  return tableLines([head, ...rows], { left: 2 }).join("\n");
}
