// Misclassification aware adversarial training (MART, Wang et al., 2020): with
// p = softmax(f(x)) and q = softmax(f(x')),
//
//   min BCE(q, y) + beta mean[KL(p || q) (1 - p_y)]
//   BCE(q, y) = -log q_y - log(1 - max_{k != y} q_k)
//
// at the x' that maximizes CE(f(x'), y). The weight 1 - p_y is differentiated
// through. The authors' code guards its logarithms with small numbers, which are
// kept: 1.0001 - q_k and 1.0000001 - p_y.

import { checked } from "../../base/check_fields.ts";
import { number } from "../../base/fields.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { crossEntropy, klDivergence, margin } from "../../nn/losses.ts";
import { gatherClass } from "../../ops/loss/gather_class.ts";
import {
  add,
  addScalar,
  exp,
  log,
  mulScalar,
  multiply,
  negate,
} from "../../ops/pointwise.ts";
import { mean } from "../../ops/reduce/reduce.ts";
import { logSoftmax } from "../../ops/loss/softmax.ts";
import type { MethodConfig, ObjectiveKind } from "../kind.ts";
import type { Objective } from "../objective.ts";

/** The trade-off. */
export interface MartOptions {
  /** Weight of the divergence: 6 for wide networks, 5 for ResNet-18. */
  readonly beta: number;
}

/**
 * Boosted cross-entropy, and a divergence weighted by misclassification. The terms
 * are `boosted` and `robust`; the surrogate is the cross-entropy.
 */
export function mart(options: MartOptions): Objective {
  const { beta } = checked(MART, options);
  return {
    name: "mart",
    surrogate: ({ adversarial, labels }) =>
      crossEntropy(adversarial.logits, labels),
    terms({ clean, adversarial, labels, targets }) {
      const trueClass = gatherClass(logSoftmax(clean.logits), labels);
      const uncertain = addScalar(negate(exp(trueClass)), 1.0000001);
      const divergence = klDivergence({
        target: clean.logits,
        prediction: adversarial.logits,
      });
      return {
        boosted: mean(
          boostedCrossEntropy(adversarial.logits, labels, { targets }),
        ),
        robust: mulScalar(mean(multiply(divergence, uncertain)), beta),
      };
    },
  };
}

/**
 * -log q_y - log(1.0001 - max_{k != y} q_k), per example. With other targets than the
 * labels, the first term is the cross-entropy with those.
 */
export function boostedCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  { targets = labels }: { readonly targets?: Tensor } = {},
): Tensor {
  const own = crossEntropy(logits, labels);
  // log q_k = log q_y + (z_k - z_y), for the strongest other class k.
  const strongest = exp(add(negate(own), margin(logits, labels)));
  const first = targets === labels ? own : crossEntropy(logits, targets);
  return add(first, negate(log(addScalar(negate(strongest), 1.0001))));
}

/** MART as a kind. */
export const MART: ObjectiveKind<MethodConfig<"mart", MartOptions>> = {
  method: "mart",
  about: "boosted cross-entropy and a divergence weighted by misclassification",
  fields: { beta: number({ least: 0, about: "weight of the divergence" }) },
  needs: { teacher: false, labels: true, attack: true },
  create: mart,
};
