// The result of an evaluation on corrupted images, for a card: accuracies in percent by
// corruption and severity, and the mean over the five severities of the fifteen corruptions
// that RobustBench's lists are of. No error relative to another network's stands beside it,
// since the authors of CIFAR-10-C name no such network.

import { accuracyText, countText } from "../base/amounts.ts";
import { STANDARD_CORRUPTIONS } from "../data/corruptions.ts";
import {
  count,
  list,
  number,
  object,
  record,
  type Shape,
} from "./stored_shape.ts";

/** How many corrupted images were classified correctly. */
export interface CorruptionCounts {
  /** By corruption, from severity 1 to 5. */
  readonly correct: Readonly<Record<string, readonly number[]>>;
  /** Images of one severity of one corruption. */
  readonly count: number;
}

/** Accuracy on corrupted images, in percent. */
export interface CorruptionResult {
  /** Over the severities of the fifteen corruptions. */
  readonly mean: number;
  /** By corruption, from severity 1 to 5. */
  readonly accuracies: Readonly<Record<string, readonly number[]>>;
  /** Images of one severity of one corruption. */
  readonly count: number;
}

/** A result as it is read from a file. */
export const CORRUPTION_RESULT: Shape = object<CorruptionResult>({
  mean: number,
  accuracies: record(list(number)),
  count,
});

/** Accuracies from counts. */
export function corruptionResult(
  { correct, count }: CorruptionCounts,
): CorruptionResult {
  const accuracies = Object.fromEntries(
    Object.entries(correct).map(([name, counts]) => [
      name,
      counts.map((right) => 100 * right / count),
    ]),
  );
  const mean = meanOf(
    STANDARD_CORRUPTIONS.map((name) => meanOf(accuracies[name]!)),
  );
  return { mean, accuracies, count };
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

/** A result as a table: a row for each corruption, then the mean of the fifteen. */
export function corruptionRows(
  { accuracies, mean }: CorruptionResult,
): string[][] {
  const standard = STANDARD_CORRUPTIONS.map((name) => accuracies[name]!);
  const severities = standard[0]!.map((_, i) => i);
  const row = (name: string, numbers: readonly number[]) => [
    name,
    ...[...numbers, meanOf(numbers)].map(accuracyText),
  ];
  const isExtra = (name: string) => !STANDARD_CORRUPTIONS.includes(name);
  return [
    ["corruption", ...severities.map((i) => `severity ${i + 1}`), "mean"],
    ...Object.entries(accuracies).map(([name, numbers]) =>
      row(isExtra(name) ? `(${wordsOf(name)})` : wordsOf(name), numbers)
    ),
    [
      "mean of the 15",
      ...severities.map((i) =>
        accuracyText(meanOf(standard.map((numbers) => numbers[i]!)))
      ),
      accuracyText(mean),
    ],
  ];
}

/** The mean over severities of each corruption, as a line. */
export function corruptionMeans({ accuracies }: CorruptionResult): string {
  return Object.entries(accuracies).map(([name, numbers]) =>
    `${wordsOf(name)} ${accuracyText(meanOf(numbers))}`
  ).join(", ");
}

/** What the numbers are of, as a line. */
export function corruptionText(
  { count, accuracies }: CorruptionResult,
): string {
  const extra = Object.keys(accuracies).length - STANDARD_CORRUPTIONS.length;
  return `${countText(count)} test images at 5 severities of each corruption` +
    (extra > 0 ? "; those in parentheses are not in the mean" : "");
}

function wordsOf(name: string): string {
  return name.replaceAll("_", " ");
}
