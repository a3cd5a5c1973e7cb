// Flexible relation preserving adversarial training (FRPAT), eq. 2 and 5-8:
//
//   lambda L_RP(f(x), f~(x')),  L_RP = sum_ij p log(p / q) + (1 - p) log((1 - p) / (1 - q))
//
// where p (teacher, clean images) and q (student, adversarial images) are the
// probabilities that i is a neighbor of j in feature space. The teacher is taken
// as it is: no gradient of this term reaches it (Algorithm 1, line 10).

import { checked } from "../../base/check_fields.ts";
import { choice } from "../../base/fields.ts";
import {
  relationLoss,
  type RelationOptions,
} from "../../ops/relation/relation.ts";
import { multiply } from "../../ops/pointwise.ts";
import { type EpochSchedule, epochSchedule } from "../epoch_schedule.ts";
import type { MethodConfig, RegularizerKind } from "../kind.ts";
import type { Regularizer } from "../regularizer.ts";

/** Weight and reading of the relation loss. */
export interface FrpatOptions extends RelationOptions {
  /** lambda: 5 for 10 classes, a ramp to 20 for 100 classes. */
  readonly weight: EpochSchedule;
}

/** Keeps the student's neighborhoods like the teacher's. */
export function frpat(options: FrpatOptions): Regularizer {
  const { weight, ...relation } = checked(FRPAT, options);
  return {
    name: "relation",
    term(views) {
      const lambda = views.scheduled("relation weight", weight);
      const { teacher, adversarial } = views;
      return multiply(
        lambda,
        relationLoss(teacher.features, adversarial.features, relation),
      );
    },
  };
}

/** FRPAT as a kind. */
export const FRPAT: RegularizerKind<MethodConfig<"frpat", FrpatOptions>> = {
  method: "frpat",
  about: "the student keeps the teacher's neighborhoods",
  fields: {
    weight: epochSchedule({
      name: "The weight of frpat",
      about: "lambda, the factor of the loss",
    }),
    self: choice(["exclude", "zero"], {
      about: "whether an example is its own neighbor, at distance 0",
    }),
    reduction: choice(["sum", "batchmean", "mean"], {
      about: "over the pairs of a batch",
    }),
  },
  needs: { teacher: true, labels: false },
  create: frpat,
};
