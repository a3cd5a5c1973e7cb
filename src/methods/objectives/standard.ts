// Standard training: CE(f(x), y).

import { crossEntropy } from "../../nn/losses.ts";
import { mean } from "../../ops/reduce/reduce.ts";
import type { Objective } from "../objective.ts";

/** Cross-entropy on clean images. */
export function standard(): Objective {
  return {
    name: "standard",
    terms: ({ clean, labels }) => ({
      natural: mean(crossEntropy(clean.logits, labels)),
    }),
  };
}
