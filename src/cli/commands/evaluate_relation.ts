// The relationship score as part of `evaluate`: its attack, its progress, and the card
// that keeps it.

import { namedAttacks } from "../../config/named_attacks.ts";
import type {
  AttackConfig,
  EvaluationConfig,
} from "../../config/experiment.ts";
import {
  relationResult,
  relationRows,
  relationText,
  withRelations,
} from "../../runs/relation_result.ts";
import type { RelationResult } from "../../runs/result_card.ts";
import type { RunFolder } from "../../runs/run_folder.ts";

import type { Terminal } from "../terminal/terminal.ts";
import { countText } from "../../base/amounts.ts";
import { tableLines } from "../../base/text_table.ts";
import { UsageError } from "../../base/errors.ts";
import type { NetworkEvaluation } from "../../evaluation/network_accuracy.ts";
import { relationScore } from "../../evaluation/relation_score.ts";
import type { Option } from "./syntax.ts";
import type { Invocation } from "./invocation.ts";

/** The options of `evaluate` for the score. */
export const RELATION_OPTIONS: readonly Option[] = [
  {
    name: "relation",
    about: "Also the k-NN relationship score, k = 5, 30, 50, under PGD-20",
  },
  {
    name: "support",
    value: "N",
    about: "Of the score: only the first N training images as support",
  },
];

/** A score that was asked for. */
export interface RelationRequest {
  /** PGD-20 as the experiment means it. */
  readonly attack: AttackConfig;
  /** Training images from the start that are support; all if left out. */
  readonly support: number | undefined;
}

/**
 * The score that was asked for; null for none.
 *
 * @throws {UsageError} for a support set without a score, or where the experiment has
 * no ball to attack in.
 */
export function askedRelation(
  invocation: Invocation,
  evaluation: EvaluationConfig,
): RelationRequest | null {
  const support = invocation.whole("support", { least: 1 });
  if (invocation.flag("relation")) {
    const attack = namedAttacks("pgd-20", evaluation)["pgd-20"]!;
    return { attack, support };
  }
  if (support === undefined) return null;
  throw new UsageError(
    "Cannot use --support: expected it with --relation, whose support set it is " +
      "about, but found no --relation",
  );
}

/** Scores of networks by their names. */
export async function evaluateRelations(
  { attack, support }: RelationRequest,
  { terminal, ...evaluation }: Omit<NetworkEvaluation, "attacks"> & {
    readonly terminal: Terminal;
  },
): Promise<Record<string, RelationResult>> {
  const found: Record<string, RelationResult> = {};
  for (const network of evaluation.networks) {
    const score = await relationScore({
      ...evaluation,
      network,
      attack,
      support,
      onProgress: ({ stage, count, of }) =>
        terminal.live({
          what: `${network.name}, ${stage}`,
          done: count / of,
          details: [`${countText(count)}/${countText(of)} images`],
        }),
    });
    terminal.clear();
    found[network.name] = relationResult(score, attack);
  }
  return found;
}

/** Scores as text. */
export function relationsText(
  relations: Readonly<Record<string, RelationResult>>,
): string {
  return Object.entries(relations).map(([name, result]) =>
    [
      `Relationship score of the ${name}, percent of ${relationText(result)}:`,
      ...tableLines(relationRows(result), { left: 1 }),
    ].join("\n")
  ).join("\n\n");
}

/** Saves scores of whole splits to a run's card. Returns a line about it. */
export async function keepRelations(
  folder: RunFolder,
  { epoch, networks, whole }: {
    readonly epoch: number;
    readonly networks: Readonly<Record<string, RelationResult>>;
    /** Whether all images were queries and support. */
    readonly whole: boolean;
  },
): Promise<string> {
  if (!whole) {
    return "Scores of fewer images than all are not kept in the card.";
  }
  const card = await folder.readCard();
  if (!card) return "The run has no card yet, so that the scores are not kept.";
  await folder.writeCard(withRelations(card, { epoch, networks }));
  return `Kept in ${folder.files.card}`;
}
