// The evaluation of networks that were trained elsewhere: on a data set by its name, in
// the ball of RobustBench's leaderboards unless the user chooses another.

import { checkBall } from "../methods/attacks/iteration.ts";
import type { Norm } from "../methods/threat_model.ts";
import { UsageError } from "../base/errors.ts";
import { quarterOf } from "../base/fraction.ts";
import {
  type DataConfig,
  type EvaluationConfig,
  type Fraction,
  fractionValue,
} from "../config/experiment.ts";
import type { DatasetKind } from "../data/dataset_kind.ts";
import { DATASETS } from "../data/datasets.ts";
import { didYouMean } from "../base/suggest.ts";

/** The ball and the budget; each part has a default. */
export interface Ball {
  /** "linf" if left out. */
  readonly norm?: string | undefined;
  /** 8/255 in the maximum norm and 0.5 in the Euclidean one if left out. */
  readonly epsilon?: Fraction | undefined;
  /** PGD's; a quarter of epsilon if left out. */
  readonly stepSize?: Fraction | undefined;
  /** Images that are attacked at once; 128 if left out. */
  readonly batchSize?: number | undefined;
}

const EPSILON: Readonly<Record<Norm, Fraction>> = { linf: "8/255", l2: "0.5" };

/**
 * An evaluation by PGD-20 from a random start, whose setting other attacks share.
 *
 * @throws {UsageError} for an unknown norm, or text that is no number.
 */
export function standardEvaluation(ball: Ball): EvaluationConfig {
  const norm = (ball.norm ?? "linf").toLowerCase();
  if (norm !== "linf" && norm !== "l2") {
    throw new UsageError(
      `Cannot attack: expected --norm linf or l2 but found ${ball.norm}`,
    );
  }
  const epsilon = positive(ball.epsilon ?? EPSILON[norm], "eps");
  const wrong = checkBall({ norm, epsilon });
  if (wrong) {
    throw new UsageError(
      `Cannot attack: expected --eps to be ${wrong.expected} but found ` +
        wrong.found,
    );
  }
  const stepSize = positive(ball.stepSize ?? quarterOf(epsilon), "step-size");
  const start = { kind: "uniform", clip: true } as const;
  const pgd = { method: "pgd", norm, epsilon, stepSize, steps: 20, start };
  return {
    validation: 1,
    every: 1,
    batchSize: ball.batchSize ?? 128,
    attacks: { "pgd-20": pgd as EvaluationConfig["attacks"][string] },
  };
}

function positive(text: Fraction, option: string): Fraction {
  try {
    if (fractionValue(text) > 0) return text;
  } catch {
    // The error below names the option.
  }
  throw new UsageError(
    `Cannot attack: expected --${option} to be a positive number or quotient ` +
      `such as 8/255 but found ${text}`,
  );
}

/**
 * The data set of a name.
 *
 * @throws {UsageError} for an unknown name.
 */
export function namedDataset(name: string): DataConfig {
  const key = name.toLowerCase().replace(/^cifar-/, "cifar");
  const kinds: Readonly<Record<string, DatasetKind>> = DATASETS;
  if (Object.hasOwn(kinds, key)) return kinds[key]!.named as DataConfig;
  const known = Object.keys(DATASETS);
  throw new UsageError(
    `Cannot use --dataset ${name}: expected one of ${known.join(", ")} but ` +
      `found ${name}${didYouMean(name, known)}`,
  );
}
