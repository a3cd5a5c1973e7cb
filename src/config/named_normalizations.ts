// Normalizations of images by name or by their numbers, as the command line has
// them: "cifar10", or "0.5,0.5,0.5/0.5,0.5,0.5" for a mean and a deviation.

import type { Normalization } from "../nn/normalized.ts";
import { UsageError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";

/** The usual normalizations of data sets. */
const NORMALIZATIONS: Readonly<Record<string, Normalization | null>> = {
  /** Of fast adversarial training, AWP, robust overfitting and DeepMind's models. */
  cifar10: {
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.2471, 0.2435, 0.2616],
  },
  /** DeepMind's. */
  cifar100: {
    mean: [0.5071, 0.4865, 0.4409],
    std: [0.2673, 0.2564, 0.2762],
  },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  none: null,
};

/**
 * The normalization of a text; null for none.
 *
 * @throws {UsageError} for a text that is no normalization.
 */
export function namedNormalization(text: string): Normalization | null {
  if (Object.hasOwn(NORMALIZATIONS, text)) return NORMALIZATIONS[text]!;
  const [mean = [], std = [], ...others] = text.split("/").map((part) =>
    part.split(",").map((number) => number.trim() ? Number(number) : NaN)
  );
  const whole = mean.length === 3 && std.length === 3 && others.length === 0 &&
    mean.every(Number.isFinite) &&
    std.every((deviation) => deviation > 0 && deviation < Infinity);
  if (whole) return { mean, std };
  const known = Object.keys(NORMALIZATIONS);
  throw new UsageError(
    `Cannot normalize by ${text}: expected ${
      known.join(", ")
    }, or a mean and a ` +
      `positive deviation of three channels such as 0.5,0.5,0.5/0.2,0.2,0.2, but ` +
      `found ${text}${didYouMean(text, known)}`,
  );
}
