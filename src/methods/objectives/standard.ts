// Standard training: CE(f(x), y).

import { crossEntropy } from "../../nn/losses.ts";
import { mean } from "../../ops/reduce/reduce.ts";
import type { MethodConfig, ObjectiveKind } from "../kind.ts";
import type { Objective } from "../objective.ts";

/** Cross-entropy on clean images. */
export function standard(): Objective {
  return {
    name: "standard",
    terms: ({ clean, targets }) => ({
      natural: mean(crossEntropy(clean.logits, targets)),
    }),
  };
}

/** Standard training as a kind. */
export const STANDARD: ObjectiveKind<MethodConfig<"standard">> = {
  method: "standard",
  about: "cross-entropy on clean images",
  fields: {},
  needs: { teacher: false, labels: true, attack: false },
  create: standard,
};
