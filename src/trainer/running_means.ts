// Sums over an epoch as means: of the loss's terms, and of correct predictions.

import type { Accuracy } from "../evaluation/accuracy.ts";
import type { RunningMeans } from "./events.ts";
import type { EpochSums } from "./session.ts";
import { CORRECT } from "../step/training_step.ts";

/** Sums divided by the images that they are over, under their names. */
export function meansByName(
  sums: EpochSums,
  images: number,
): Record<string, number> {
  return mapValues(sums, (sum) => sum / images);
}

/** Sums as means of terms and fractions of correct predictions. */
export function runningMeans(sums: EpochSums, images: number): RunningMeans {
  const terms = meansByName(sums, images);
  const take = (name: string): number | null => {
    const fraction = terms[name] ?? null;
    delete terms[name];
    return fraction;
  };
  return {
    cleanAccuracy: take(CORRECT.clean),
    adversarialAccuracy: take(CORRECT.adversarial),
    teacherAccuracy: take(CORRECT.teacher),
    terms,
  };
}

/** Fractions of images classified correctly, by attack. */
export function fractions(
  results: Readonly<Record<string, Accuracy>>,
): Record<string, number> {
  return mapValues(results, ({ correct, count }) => correct / count);
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => number,
): Record<string, number> {
  const entries = Object.entries(record);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, change(value)]),
  );
}
