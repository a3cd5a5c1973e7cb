// Flexible relation preserving adversarial training (FRPAT), eq. 2 and 5-8:
//
//   lambda L_RP(f(x), f~(x')),  L_RP = sum_ij p log(p / q) + (1 - p) log((1 - p) / (1 - q))
//
// where p (teacher, clean images) and q (student, adversarial images) are the
// probabilities that i is a neighbor of j in feature space. The teacher is taken
// as it is: no gradient of this term reaches it (Algorithm 1, line 10).

import { checked } from "../../base/check_fields.ts";
import { choice, optional, whole } from "../../base/fields.ts";
import {
  relationLoss,
  type RelationOptions,
} from "../../ops/relation/relation.ts";
import { mulScalar, multiply } from "../../ops/pointwise.ts";
import { type EpochSchedule, epochSchedule } from "../epoch_schedule.ts";
import type { MethodConfig, RegularizerKind } from "../kind.ts";
import type { Regularizer } from "../regularizer.ts";

/** Readings that are as the paper has them, or as it is read here, if left out. */
export interface FrpatReadings extends Pick<RelationOptions, "nearest"> {
  /** The student's features: of "adversarial" images, as in eq. 5, or of "clean" ones. */
  readonly student?: "adversarial" | "clean";
  /**
   * Batch norm's mode in the teacher's features: "train", from the forward pass that it
   * learns by, or "eval", from another one by its running statistics.
   */
  readonly teacher?: "train" | "eval";
  /**
   * The batch that the weight is for: in a batch of N, it is multiplied by this over N,
   * since the sum over pairs grows with N. If left out, it is not.
   */
  readonly perBatch?: number;
  /**
   * The images that are related to each other where several ranks train: those of the
   * whole batch, "global", as in one process; or of each rank's part of it, "rank".
   */
  readonly scope?: "global" | "rank";
}

/** Weight and reading of the relation loss. */
export interface FrpatOptions
  extends Omit<RelationOptions, "nearest">, FrpatReadings {
  /** lambda: 5 for 10 classes, a ramp to 20 for 100 classes. */
  readonly weight: EpochSchedule;
}

/** FRPAT in an experiment. */
export type FrpatConfig =
  & MethodConfig<"frpat", Omit<FrpatOptions, keyof FrpatReadings>>
  & FrpatReadings;

/** Keeps the student's neighborhoods like the teacher's. */
export function frpat(options: FrpatOptions): Regularizer {
  const { weight, student = "adversarial", perBatch, ...rest } = checked(
    FRPAT,
    options,
  );
  const { teacher: mode = "train", scope = "global", ...relation } = rest;
  return {
    name: "relation",
    term(views) {
      const lambda = views.scheduled("relation weight", weight);
      const teacher = mode === "train" ? views.teacher : views.teacherInEval;
      const own = [teacher.features, views[student].features] as const;
      const [target, features] =
        (scope === "global" ? views.ofAllRanks(...own) : own) as typeof own;
      const loss = relationLoss(target, features, relation);
      const factor = perBatch && perBatch / features.shape[0]!;
      return multiply(lambda, factor ? mulScalar(loss, factor) : loss);
    },
  };
}

/** FRPAT as a kind. */
export const FRPAT: RegularizerKind<FrpatConfig> = {
  method: "frpat",
  about: "the student keeps the teacher's neighborhoods",
  fields: {
    weight: epochSchedule({
      name: "The weight of frpat",
      about: "lambda, the factor of the loss",
    }),
    self: choice(["exclude", "zero", "printed"], {
      about: "whether an example is its own neighbor; printed: unsummed",
    }),
    reduction: choice(["sum", "batchmean", "mean"], {
      about: "over the pairs of a batch",
    }),
    nearest: optional(choice(["own", "detached", "shared"]), {
      about: "the nearest neighbor's distance; shared: the teacher's",
    }),
    student: optional(choice(["adversarial", "clean"]), {
      about: "the images of the student's features",
    }),
    teacher: optional(choice(["train", "eval"]), {
      about: "batch norm's mode in the teacher's features",
    }),
    perBatch: optional(whole({ least: 1, ceiling: 65_536 }), {
      about: "the batch that the weight is for; scaled to others",
    }),
    scope: optional(choice(["global", "rank"]), {
      about:
        "with ranks: the batch whose images are related, all or the rank's",
    }),
  },
  needs: { teacher: "features", labels: false },
  create: frpat,
};
