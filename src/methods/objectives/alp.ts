// Adversarial logit pairing (ALP, Kannan et al., 2018):
//
//   min (CE(f(x), y) + CE(f(x'), y)) / 2 + weight MSE(f(x), f(x'))
//   at the x' that maximizes CE(f(x'), y)
//
// Both sides of the pairing have gradients. The authors' batches hold every image
// clean and adversarial; here batch norm sees the two halves one after the other.

import { checked } from "../../base/check_fields.ts";
import { number } from "../../base/fields.ts";
import { crossEntropy, meanSquaredError } from "../../nn/losses.ts";
import { mulScalar } from "../../ops/pointwise.ts";
import { mean } from "../../ops/reduce/reduce.ts";
import type { MethodConfig, ObjectiveKind } from "../kind.ts";
import type { Objective } from "../objective.ts";

/** The strength of the pairing. */
export interface AlpOptions {
  /** Weight of the squared error: 0.5 in the authors' code, 1 in LBGAT's tables. */
  readonly weight: number;
}

/**
 * Cross-entropy on clean and adversarial images, and equal logits for a pair. The
 * terms are `natural`, `adversarial` and `pairing`; the surrogate is the
 * cross-entropy.
 */
export function alp(options: AlpOptions): Objective {
  const { weight } = checked(ALP, options);
  return {
    name: "alp",
    surrogate: ({ adversarial, targets }) =>
      crossEntropy(adversarial.logits, targets),
    terms: ({ clean, adversarial, targets }) => ({
      natural: mulScalar(mean(crossEntropy(clean.logits, targets)), 0.5),
      adversarial: mulScalar(
        mean(crossEntropy(adversarial.logits, targets)),
        0.5,
      ),
      pairing: mulScalar(
        mean(meanSquaredError(clean.logits, adversarial.logits)),
        weight,
      ),
    }),
  };
}

/** ALP as a kind. */
export const ALP: ObjectiveKind<MethodConfig<"alp", AlpOptions>> = {
  method: "alp",
  about: "cross-entropy on both images, and equal logits for a pair",
  fields: { weight: number({ least: 0, about: "weight of the pairing" }) },
  needs: { teacher: false, labels: true, attack: true },
  create: alp,
};
