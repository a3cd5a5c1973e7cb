// A training method is an equation: a surrogate that the attack maximizes, and
// named terms whose sum training minimizes. A regularizer adds one term to any of
// them.
//
// What a term may look at are views: the outputs of student and teacher on clean
// and adversarial images. A view is traced when it is first asked for and shared
// by all who ask, so nobody pays for what is not used.

import type { Tensor } from "../graph/tensor.ts";
import type { Output } from "../nn/network.ts";
import type { EpochSchedule } from "./epoch_schedule.ts";

/**
 * What a term may look at, in one graph. The student's training-mode forwards
 * happen in the order in which views are first asked for, and move the running
 * statistics in that order.
 */
export interface Views {
  /** Clean images (N, H, W, 3) in [0, 1]. */
  readonly x: Tensor;
  /** Class indices, u32 (N). */
  readonly labels: Tensor;
  /** The student on clean images. */
  readonly clean: Output;
  /** The student on adversarial images. */
  readonly adversarial: Output;
  /** The teacher on clean images. */
  readonly teacher: Output;
  /** The clean forward's batch enters the student's running statistics once more. */
  countCleanAgain(): void;
  /** A number that follows the epoch, as a scalar. */
  scheduled(name: string, schedule: EpochSchedule): Tensor;
}

/** min over the student of the sum of `terms`, at the images that maximize `surrogate`. */
export interface Objective {
  /** As the literature calls the method. */
  readonly name: string;
  /** What the attack maximizes, (N,); absent where training needs no attack. */
  readonly surrogate?: (views: Views) => Tensor;
  /** Scalars to minimize the sum of, under the names that are logged. */
  terms(views: Views): Readonly<Record<string, Tensor>>;
}

/** A term that can be added to any objective. */
export interface Regularizer {
  /** The term's name in logs. */
  readonly name: string;
  /** A scalar to add to the loss. */
  term(views: Views): Tensor;
}

/** An objective with the terms of regularizers added. */
export function regularized(
  base: Objective,
  ...regularizers: readonly Regularizer[]
): Objective {
  return {
    ...base,
    name: [base.name, ...regularizers.map(({ name }) => name)].join(" + "),
    terms(views) {
      // The base comes first: it decides the order of the student's forwards.
      const terms: Record<string, Tensor> = { ...base.terms(views) };
      for (const { name, term } of regularizers) terms[name] = term(views);
      return terms;
    },
  };
}
