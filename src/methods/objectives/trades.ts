// TRADES (Zhang et al., 2019):
//
//   min CE(f(x), y) + beta KL(f(x) || f(x'))  at the x' that maximizes the KL
//
// Gradients flow through both sides of the divergence, as in the authors' code.
// That code forwards the clean batch once for the cross-entropy and once more,
// after the adversarial one, for the divergence: one value, but the batch counts
// twice in the running statistics.

import { checked } from "../../base/check_fields.ts";
import { choice, number } from "../../base/fields.ts";
import { crossEntropy, klDivergence } from "../../nn/losses.ts";
import { mulScalar } from "../../ops/pointwise.ts";
import { mean } from "../../ops/reduce/reduce.ts";
import type { MethodConfig, ObjectiveKind } from "../kind.ts";
import type { Objective } from "../objective.ts";

/** The trade-off, and how the clean batch counts. */
export interface TradesOptions {
  /** Weight of the divergence, 1 / lambda in the paper; the authors use 6. */
  readonly beta: number;
  /** How often the clean batch enters the running statistics: 2 in the authors' code. */
  readonly cleanForwards?: 1 | 2;
}

/** Natural cross-entropy plus a divergence from clean to adversarial predictions. */
export function trades(options: TradesOptions): Objective {
  const { beta, cleanForwards = 2 } = checked(TRADES, options);
  return {
    name: "trades",
    surrogate: ({ clean, adversarial }) =>
      klDivergence({ target: clean.logits, prediction: adversarial.logits }),
    terms({ clean, adversarial, targets }, hooks) {
      if (cleanForwards === 2) hooks.countAgain(clean);
      const divergence = klDivergence({
        target: clean.logits,
        prediction: adversarial.logits,
      });
      return {
        natural: mean(crossEntropy(clean.logits, targets)),
        robust: mulScalar(mean(divergence), beta),
      };
    },
  };
}

/** TRADES as a kind. */
export const TRADES: ObjectiveKind<MethodConfig<"trades", TradesOptions>> = {
  method: "trades",
  about: "clean cross-entropy and a divergence of predictions",
  fields: {
    beta: number({ least: 0, about: "weight of the divergence" }),
    cleanForwards: choice([1, 2], {
      about: "how often the clean batch enters the running statistics",
    }),
  },
  needs: { teacher: false, labels: true, attack: true },
  create: trades,
};
