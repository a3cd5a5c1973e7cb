// Vanilla adversarial training (Madry et al., 2018):
//
//   min CE(f(x'), y)  at the x' that maximizes  CE(f(x'), y)

import { crossEntropy } from "../../nn/losses.ts";
import { mean } from "../../ops/reduce/reduce.ts";
import type { MethodConfig, ObjectiveKind } from "../kind.ts";
import type { Objective } from "../objective.ts";

/** Cross-entropy on adversarial images alone. */
export function vanillaAt(): Objective {
  return {
    name: "vanilla-at",
    surrogate: ({ adversarial, targets }) =>
      crossEntropy(adversarial.logits, targets),
    terms: ({ adversarial, targets }) => ({
      adversarial: mean(crossEntropy(adversarial.logits, targets)),
    }),
  };
}

/** Vanilla adversarial training as a kind. */
export const VANILLA_AT: ObjectiveKind<MethodConfig<"vanilla-at">> = {
  method: "vanilla-at",
  about: "cross-entropy on adversarial images",
  fields: {},
  needs: { teacher: false, labels: true, attack: true },
  create: vanillaAt,
};
