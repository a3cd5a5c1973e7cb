// The relationship score on a card: for each number of neighbors, the percentage of
// test images whose nearest training features vote for their class (FRPAT,
// sections 2.2 and 3.1). Tables show it for 30 neighbors.

import type { AttackConfig } from "../config/experiment.ts";
import { configText } from "../config/config_text.ts";
import { countText } from "../base/amounts.ts";
import type {
  EpochResult,
  NetworkResult,
  RelationResult,
  ResultCard,
} from "./result_card.ts";

/** The number of neighbors that tables show. */
export const SHOWN_NEIGHBORS = "30";

/** The number of correct votes, by the number of neighbors. */
type Counts = Readonly<
  Record<string, { readonly correct: number; readonly count: number }>
>;

/** A score in percent, from counts of correct votes. */
export function relationResult(
  { clean, robust, support }: {
    readonly clean: Counts;
    readonly robust: Counts;
    readonly support: number;
  },
  config: AttackConfig,
): RelationResult {
  const percents = (counts: Counts) =>
    Object.fromEntries(
      Object.entries(counts).map(([k, { correct, count }]) => [
        k,
        100 * correct / count,
      ]),
    );
  return {
    relationClean: percents(clean),
    relationRobust: percents(robust),
    queries: clean[SHOWN_NEIGHBORS]!.count,
    support,
    config,
  };
}

/** Scores of a run's networks at one epoch. */
export interface EpochRelations {
  readonly epoch: number;
  /** By network: "student", "average", "teacher". */
  readonly networks: Readonly<Record<string, RelationResult>>;
}

/** A card with scores at the epoch that they are of, best, last or both. */
export function withRelations(
  card: ResultCard,
  { epoch, networks }: EpochRelations,
): ResultCard {
  const scored = (
    result: NetworkResult,
    relation: RelationResult | undefined,
  ): NetworkResult => relation ? { ...result, relation } : result;
  const at = (result: EpochResult): EpochResult =>
    result.epoch !== epoch ? result : {
      ...result,
      student: scored(result.student, networks["student"]),
      ...result.average &&
        { average: scored(result.average, networks["average"]) },
      teacher: result.teacher && scored(result.teacher, networks["teacher"]),
    };
  return { ...card, best: at(card.best), last: at(card.last) };
}

/** A score as a table: a row of clean and one of adversarial queries. */
export function relationRows(result: RelationResult): string[][] {
  const { relationClean, relationRobust } = result;
  const numbers = Object.keys(relationClean);
  const row = (name: string, percents: Readonly<Record<string, number>>) => [
    name,
    ...numbers.map((k) => percents[k]!.toFixed(2)),
  ];
  return [
    ["k-NN", ...numbers.map((k) => `k = ${k}`)],
    row("clean", relationClean),
    row("robust", relationRobust),
  ];
}

/** The images that a score was measured on, as a line. */
export function relationText(
  { queries, support, config }: RelationResult,
): string {
  return `${countText(queries)} test images among ${countText(support)} ` +
    "features of training images, clean and adversarial; cosine, majority; " +
    configText(config);
}
