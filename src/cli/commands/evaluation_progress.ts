// The progress of an evaluation as a line, and its results as a table.

import { countText, percentText } from "../../base/amounts.ts";
import type { NamedAttacks } from "../../config/named_attacks.ts";
import { attackCells } from "../../runs/measured_kinds.ts";
import { type AttackSource, transferName } from "../../runs/attack_source.ts";
import type { Device } from "../../gpu/device.ts";
import { compilationLine } from "../terminal/compilation_line.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { tableLines } from "../../base/text_table.ts";
import type {
  EvaluationResults,
  NetworkProgress,
} from "../../evaluation/network_accuracy.ts";

/**
 * Shows an evaluation under these attacks, and the compilation before it, on a terminal.
 * Once an attack is through, the next one is under way.
 */
export function showEvaluation(
  terminal: Terminal,
  { device: { pipelines }, attacks }: {
    readonly device: Pick<Device, "pipelines">;
    readonly attacks: NamedAttacks;
  },
): (progress: NetworkProgress) => void {
  const names = Object.keys(attacks);
  pipelines.onCompile = (one) => terminal.live(compilationLine(one));
  return (progress) => {
    const { network, attack, correct, count, of } = progress;
    const next = count === of ? names[names.indexOf(attack) + 1] : undefined;
    const done = next === undefined ? count : 0;
    terminal.live({
      what: `${network}, ${next ?? attack}`,
      done: done / of,
      details: [
        `${countText(done)}/${countText(of)} images`,
        ...done > 0 ? [`${percentText(correct / done)} correct so far`] : [],
      ],
    });
  };
}

/** Accuracies as a table: a row for each network and attack, with what it was. */
export function resultsTable(
  results: EvaluationResults,
  { attacks, origin }: {
    readonly attacks: NamedAttacks;
    /** The network that the attacks saw, where it was another. */
    readonly origin?: AttackSource | undefined;
  },
): string {
  const nameOf = (attack: string): string =>
    origin && attacks[attack] ? transferName(attack, origin) : attack;
  const rows = Object.entries(results).flatMap(([network, accuracies]) =>
    Object.entries(accuracies).map(([attack, { correct, count }]) => [
      network,
      nameOf(attack),
      ...attackCells(attacks[attack] ?? null),
      percentText(correct / count),
      `${countText(correct)} of ${countText(count)}`,
    ])
  );
  const head = ["network", "attack", "epsilon", "step", "accuracy", "images"];
  return tableLines([head, ...rows], { left: 2 }).join("\n");
}
