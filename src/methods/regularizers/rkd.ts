// Relational knowledge distillation (RKD, Park et al., 2019): the distances between
// examples, and the angles of their triangles, have to agree:
//
//   distance = mean_ij  huber(|f_i - f_j| / mu - the teacher's)
//   angle    = mean_ijk huber(cos of the angle at j of (i, j, k) - the teacher's)
//
// where mu is the mean distance that is not 0. The teacher sees clean images and
// is constant, the student adversarial ones. Means are over all N² and N³, also
// those that are 0 for meeting an example twice.
//
// Distances are taken of differences, (N, N, D) of them, and not of products, in
// which near examples would cancel. Angles then need distances alone, by the law
// of cosines.

import { checked } from "../../base/check_fields.ts";
import { number } from "../../base/fields.ts";
import { detach, type Operand } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import {
  add,
  addScalar,
  divide,
  mulScalar,
  multiply,
  negate,
  sign,
  sqrt,
  square,
  subtract,
} from "../../ops/pointwise.ts";
import { insertAxis, mean, sum } from "../../ops/reduce/reduce.ts";
import { type EpochSchedule, epochSchedule } from "../epoch_schedule.ts";
import { huber } from "./huber.ts";
import type { MethodConfig, RegularizerKind } from "../kind.ts";
import type { Regularizer } from "../regularizer.ts";

/** The weights of {@linkcode rkd}. */
export interface RkdOptions {
  /** Factor of the whole loss. */
  readonly weight: EpochSchedule;
  /** Weight of the distances in it: 25 in the paper. */
  readonly distance: number;
  /** Weight of the angles in it: 50 in the paper. */
  readonly angle: number;
}

/** Keeps the student's distances and angles like the teacher's. The term is `rkd`. */
export function rkd(options: RkdOptions): Regularizer {
  const { weight, distance, angle } = checked(RKD, options);
  return {
    name: "rkd",
    term(views) {
      const factor = views.scheduled("rkd weight", weight);
      const { teacher, adversarial } = views;
      const [target, features] = views.ofAllRanks(
        teacher.features,
        adversarial.features,
      ) as [Tensor, Tensor];
      const loss = add(
        mulScalar(rkdDistanceLoss(target, features), distance),
        mulScalar(rkdAngleLoss(target, features), angle),
      );
      return multiply(factor, loss);
    },
  };
}

/**
 * The mean over N² pairs of the Huber loss between their distances, each in units
 * of its network's mean distance. Only the student has a gradient.
 *
 * @param teacherFeatures Features (N, D) of clean examples.
 * @param studentFeatures Features (N, D') of the same examples, in the same order.
 * @returns A scalar, at least 0.
 */
export function rkdDistanceLoss(
  teacherFeatures: Operand,
  studentFeatures: Operand,
): Tensor {
  const [teacher, student] = [teacherFeatures, studentFeatures]
    .map((features) => relativeDistances(squaredDistances(features)));
  return mean(huber(subtract(student!, detach(teacher!))));
}

/**
 * The mean over N³ triples of the Huber loss between the cosines of their angles.
 * Only the student has a gradient.
 *
 * @param teacherFeatures Features (N, D) of clean examples.
 * @param studentFeatures Features (N, D') of the same examples, in the same order.
 * @returns A scalar, at least 0.
 */
export function rkdAngleLoss(
  teacherFeatures: Operand,
  studentFeatures: Operand,
): Tensor {
  const [teacher, student] = [teacherFeatures, studentFeatures]
    .map((features) => angleCosines(squaredDistances(features)));
  return mean(huber(subtract(student!, detach(teacher!))));
}

/** |f_i - f_j|², (N, N) from (N, D). */
function squaredDistances(features: Operand): Tensor {
  const differences = subtract(insertAxis(features, 1), features);
  return sum(square(differences), { start: 2 });
}

/** 1 where two examples differ, else 0; and their distance, or 1 where they do not. */
function lengths(squared: Tensor): { differ: Tensor; length: Tensor } {
  const differ = sign(squared);
  // The root has no derivative at 0, where it is not needed either.
  const length = sqrt(add(squared, addScalar(negate(differ), 1)));
  return { differ, length };
}

function relativeDistances(squared: Tensor): Tensor {
  const { differ, length } = lengths(squared);
  const distances = multiply(length, differ);
  // Where all examples are one there is no unit, and all distances are 0.
  const mu = divide(
    addScalar(sum(distances), 1e-12),
    addScalar(sum(differ), 1e-12),
  );
  return divide(distances, mu);
}

/** The cosine of the angle at j between i and k, at [i, j, k]; 0 where i or k is j. */
function angleCosines(squared: Tensor): Tensor {
  const { differ, length } = lengths(squared);
  const inverse = divide(differ, length);
  const [ij, ik] = [insertAxis(squared, 2), insertAxis(squared, 1)];
  const cosines = multiply(
    multiply(insertAxis(inverse, 2), inverse),
    subtract(add(ij, squared), ik),
  );
  return mulScalar(cosines, 0.5);
}

/** RKD as a kind. */
export const RKD: RegularizerKind<MethodConfig<"rkd", RkdOptions>> = {
  method: "rkd",
  about: "the student keeps the teacher's distances and angles",
  fields: {
    weight: epochSchedule({
      name: "The weight of rkd",
      about: "factor of the loss",
    }),
    distance: number({ least: 0, about: "weight of the distances" }),
    angle: number({ least: 0, about: "weight of the angles" }),
  },
  needs: { teacher: "features", labels: false },
  create: rkd,
};
