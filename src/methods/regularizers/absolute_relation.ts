// Absolute relationship preservation (FRPAT, eq. 3 to 5), which the paper argues against:
// the cosine distances of student and teacher have to agree, and not the probabilities
// that FRPAT computes from them,
//
//   weight F,   F = mean over i != j of huber(d~_ij - d_ij)
//
// d by the teacher on clean images, as a constant, d~ by the student on adversarial
// ones. The paper leaves F open. Features behind a ReLU have distances in [0, 1],
// where the Huber loss is half the squared error.

import { checked } from "../../base/check_fields.ts";
import { detach, type Operand } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { mulScalar, multiply, subtract } from "../../ops/pointwise.ts";
import { sum } from "../../ops/reduce/reduce.ts";
import { cosineSimilarities } from "../../ops/relation/relation.ts";
import { type EpochSchedule, epochSchedule } from "../epoch_schedule.ts";
import { huber } from "./huber.ts";
import type { MethodConfig, RegularizerKind } from "../kind.ts";
import type { Regularizer } from "../regularizer.ts";

/** The weight of the loss. */
export interface AbsoluteRelationOptions {
  /** Factor of the loss, which is a mean. */
  readonly weight: EpochSchedule;
}

/** Keeps the student's cosine distances like the teacher's. The term is `absolute relation`. */
export function absoluteRelation(
  options: AbsoluteRelationOptions,
): Regularizer {
  const { weight } = checked(ABSOLUTE_RELATION, options);
  return {
    name: "absolute relation",
    term(views) {
      const factor = views.scheduled("absolute relation weight", weight);
      const { teacher, adversarial } = views;
      const [target, features] = views.ofAllRanks(
        teacher.features,
        adversarial.features,
      ) as [Tensor, Tensor];
      return multiply(factor, absoluteRelationLoss(target, features));
    },
  };
}

/**
 * The mean over pairs of different rows of the Huber loss between their cosine
 * distances. Only the student has a gradient.
 *
 * @param teacherFeatures Features (N, D) of clean examples; N of at least 2.
 * @param studentFeatures Features (N, D') of the same examples, in the same order.
 * @returns A scalar, at least 0.
 */
export function absoluteRelationLoss(
  teacherFeatures: Operand,
  studentFeatures: Operand,
): Tensor {
  const teacher = detach(cosineSimilarities(teacherFeatures));
  const student = cosineSimilarities(studentFeatures);
  const rows = student.shape[0]!;
  // A row's distance to itself is 0 in both networks, and adds nothing.
  const total = sum(huber(subtract(student, teacher)));
  return mulScalar(total, 1 / (rows * (rows - 1)));
}

/** Absolute relationship preservation as a kind. */
export const ABSOLUTE_RELATION: RegularizerKind<
  MethodConfig<"absolute-relation", AbsoluteRelationOptions>
> = {
  method: "absolute-relation",
  about: "the student keeps the teacher's cosine distances",
  fields: {
    weight: epochSchedule({
      name: "The weight of absolute-relation",
      about: "factor of the loss",
    }),
  },
  needs: { teacher: true, labels: false },
  create: absoluteRelation,
};
