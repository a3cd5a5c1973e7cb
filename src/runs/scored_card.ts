// A result card with the relationship scores that were measured after it was written.

import type { RelationResult } from "./relation_result.ts";
import type { EpochResult, NetworkResult, ResultCard } from "./result_card.ts";

/** Scores of a run's networks at one epoch. */
export interface EpochRelations {
  readonly epoch: number;
  /** By network: "student", "teacher". */
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
      teacher: result.teacher && scored(result.teacher, networks["teacher"]),
    };
  return { ...card, best: at(card.best), last: at(card.last) };
}
