// Training on images without labels (FRPAT, section 5). The relation loss needs none, and
// the attack changes predictions instead of leaving a label,
//
//   the terms of the regularizers  at the x' that maximizes KL(f(x) || f(x'))
//
// The start of the attack has to be random: at x itself the divergence has no slope.

import { klDivergence } from "../../nn/losses.ts";
import { type Objective, regularized } from "../objective.ts";
import type { Regularizer } from "../regularizer.ts";
import type { Stateful } from "../stateful.ts";

/** Regularizers alone, at images that change the student's predictions the most. */
export function labelFree(...regularizers: readonly Regularizer[]): Objective;
/** The same where some are stateful: an objective to be created. */
export function labelFree(
  ...regularizers: readonly (Regularizer | Stateful<Regularizer>)[]
): Objective | Stateful<Objective>;
export function labelFree(
  ...regularizers: readonly (Regularizer | Stateful<Regularizer>)[]
): Objective | Stateful<Objective> {
  return regularized({
    name: "label-free",
    surrogate: ({ clean, adversarial }) =>
      klDivergence({ target: clean.logits, prediction: adversarial.logits }),
    terms: () => ({}),
  }, ...regularizers);
}
