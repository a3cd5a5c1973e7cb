// Reads a result card from a file.

import {
  anyObject,
  checkShape,
  count,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  type Shape,
  text,
} from "./stored_shape.ts";
import type {
  MeasuredAccuracies,
  MeasuredComparison,
  SeedSpread,
} from "../recipes/measured_setting.ts";
import { ATTACK_SOURCE } from "./attack_source.ts";
import { CORRUPTION_RESULT } from "./corruption_result.ts";
import { checkFormat } from "./stored_json.ts";
import {
  type AttackResult,
  CARD_FORMAT,
  type CardNetwork,
  type EnsembleSummary,
  type EpochResult,
  type NetworkResult,
  type RelationResult,
  type ResultCard,
  type Selection,
} from "./result_card.ts";

const ENSEMBLE: Shape = object<EnsembleSummary>({
  stages: list(object<EnsembleSummary["stages"][number]>({
    name: text,
    accuracy: number,
  })),
  warnings: list(text),
  passes: number,
  expectedPasses: number,
  seconds: number,
});

const ATTACK: Shape = object<AttackResult>({
  attack: optional(text),
  accuracy: number,
  count,
  zeroGradient: optional(count),
  config: anyObject,
  source: optional(ATTACK_SOURCE),
  ensemble: optional(ENSEMBLE),
});

const RELATION: Shape = object<RelationResult>({
  relationClean: record(number),
  relationRobust: record(number),
  queries: count,
  support: count,
  config: anyObject,
});

const NETWORK_RESULT: Shape = object<NetworkResult>({
  clean: number,
  count,
  attacks: record(ATTACK),
  relation: optional(RELATION),
  corruptions: optional(CORRUPTION_RESULT),
});

const EPOCH: Shape = object<EpochResult>({
  epoch: count,
  student: NETWORK_RESULT,
  average: optional(NETWORK_RESULT),
  teacher: nullable(NETWORK_RESULT),
});

const NETWORK: Shape = object<CardNetwork>({
  architecture: anyObject,
  parameters: count,
});

const SPREAD: Shape = object<SeedSpread>({ mean: number, deviation: number });

const ACCURACIES: Shape = object<MeasuredAccuracies>({
  clean: SPREAD,
  attacks: record(SPREAD),
});

const CARD: Shape = object<ResultCard>({
  format: text,
  experiment: text,
  title: text,
  dataset: object<ResultCard["dataset"]>({ title: text, notes: list(text) }),
  student: NETWORK,
  teacher: nullable(NETWORK),
  epochs: count,
  seed: count,
  secondsPerEpoch: number,
  selection: optional(object<Selection>({
    on: oneOf("held-out", "test", "none"),
    images: count,
  })),
  best: EPOCH,
  last: EPOCH,
  gap: record(number),
  reported: nullable(anyObject),
  comparison: optional(object<MeasuredComparison>({
    name: text,
    method: text,
    seeds: count,
    best: ACCURACIES,
    last: ACCURACIES,
  })),
  warnings: list(text),
});

/**
 * The card in a parsed JSON value.
 *
 * @param source What to call the value in errors.
 * @throws {UserError} if it is none, a damaged or a newer one.
 */
export function storedCard(
  value: Readonly<Record<string, unknown>>,
  source: string,
): ResultCard {
  checkFormat(value["format"], { expected: CARD_FORMAT, source });
  return checkShape<ResultCard>(value, { shape: CARD, source });
}
