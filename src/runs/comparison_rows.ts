// A card's rows about the same setting without its regularizers, measured before over
// several seeds: what the regularizers change is seen without a second run.

import { accuracyText, countText } from "../base/amounts.ts";
import type {
  MeasuredAccuracies,
  SeedSpread,
} from "../recipes/measured_setting.ts";
import { kindsIn, kindsInPaper, type MeasuredKind } from "./measured_kinds.ts";
import type { ResultCard } from "./result_card.ts";

/** Cells from the network to GAP, below those of the student that are of the same kind. */
export function comparisonRows(
  { comparison, best, last }: ResultCard,
): string[][] {
  if (!comparison) return [];
  const kinds = kindsInPaper(kindsIn(best.student, last.student));
  return kinds.flatMap((kind) => {
    const before = spreadOf(comparison.best, kind);
    const after = spreadOf(comparison.last, kind);
    if (!before || !after) return [];
    const { label, epsilon, step, count } = kind;
    return [[
      comparison.method,
      ...[label, epsilon, step, countText(count)],
      ...[before, after].map(spreadText),
      accuracyText(before.mean - after.mean),
    ]];
  });
}

/** Where the rows come from, as a line; none where there are no such rows. */
export function comparisonLines({ comparison }: ResultCard): string[] {
  if (!comparison) return [];
  const { name, method, seeds } = comparison;
  return [
    `${method}: ${name}, equal but for the regularizers, mean ± standard deviation ` +
    `over ${seeds} seeds, measured before (docs/results.md)`,
  ];
}

function spreadOf(
  { clean, attacks }: MeasuredAccuracies,
  { name }: MeasuredKind,
): SeedSpread | undefined {
  return name === "clean" ? clean : attacks[name];
}

function spreadText({ mean, deviation }: SeedSpread): string {
  return `${accuracyText(mean)} ± ${deviation.toFixed(2)}`;
}
