// The progress of an evaluation as a line, and its results as a table.

import { countText, percentText } from "../../base/amounts.ts";
import type { NamedAttacks } from "../../config/named_attacks.ts";
import { attackCells } from "../../runs/measured_kinds.ts";
import type { Device } from "../../gpu/device.ts";
import { compilationLine } from "../terminal/compilation_line.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { tableLines } from "../../base/text_table.ts";
import type {
  EvaluationResults,
  NetworkProgress,
} from "../../evaluation/network_accuracy.ts";

/** Shows an evaluation, and the compilation before it, on a terminal. */
export function showEvaluation(
  terminal: Terminal,
  { pipelines }: Pick<Device, "pipelines">,
): (progress: NetworkProgress) => void {
  pipelines.onCompile = (one) => terminal.live(compilationLine(one));
  return ({ network, attack, correct, count, of }) =>
    terminal.live({
      what: `${network}, ${attack}`,
      done: count / of,
      details: [
        `${countText(count)}/${countText(of)} images`,
        `${percentText(correct / count)} correct so far`,
      ],
    });
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
