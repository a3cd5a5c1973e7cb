// Probabilistic knowledge transfer (PKT, Passalis and Tefas, 2018): with cosines s
// of the features of a batch,
//
//   weight mean_ij p_ij log((p_ij + e) / (q_ij + e)),   p_ij = k_ij / sum_j k_ij,
//   k = (s + 1) / 2
//
// p by the teacher on clean images, as a constant, q by the student on adversarial
// ones. As in the authors' code a row is its own neighbor, and the mean is over
// all N² pairs; e is 1e-7.

import { checked } from "../../base/check_fields.ts";
import { detach, type Operand } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { addScalar, divide, log, multiply } from "../../ops/pointwise.ts";
import { mean, sum } from "../../ops/reduce/reduce.ts";
import { cosineSimilarities } from "../../ops/relation/relation.ts";
import { type EpochSchedule, epochSchedule } from "../epoch_schedule.ts";
import type { MethodConfig, RegularizerKind } from "../kind.ts";
import type { Regularizer } from "../regularizer.ts";

const EPSILON = 1e-7;

/** The weight of the loss. */
export interface PktOptions {
  /** Factor of the loss, which is small: a mean over N² pairs. */
  readonly weight: EpochSchedule;
}

/** Keeps the student's distribution over neighbors like the teacher's. The term is `pkt`. */
export function pkt(options: PktOptions): Regularizer {
  const { weight } = checked(PKT, options);
  return {
    name: "pkt",
    term(views) {
      const factor = views.scheduled("pkt weight", weight);
      const { teacher, adversarial } = views;
      const [target, features] = views.ofAllRanks(
        teacher.features,
        adversarial.features,
      ) as [Tensor, Tensor];
      return multiply(factor, pktLoss(target, features));
    },
  };
}

/**
 * The divergence of the student's distributions over neighbors from the teacher's,
 * as a mean over N² pairs. Only the student has a gradient.
 *
 * @param teacherFeatures Features (N, D) of clean examples; N of at least 2.
 * @param studentFeatures Features (N, D') of the same examples, in the same order.
 * @returns A scalar, at least 0.
 */
export function pktLoss(
  teacherFeatures: Operand,
  studentFeatures: Operand,
): Tensor {
  const p = detach(neighborDistributions(teacherFeatures));
  const q = neighborDistributions(studentFeatures);
  const ratio = divide(addScalar(p, EPSILON), addScalar(q, EPSILON));
  return mean(multiply(p, log(ratio)));
}

/** A distribution in each row, (N, N): cosines, moved to [0, 1] and made to add up to 1. */
function neighborDistributions(features: Operand): Tensor {
  // Without the half of (s + 1) / 2, which the quotient removes.
  const affinities = addScalar(cosineSimilarities(features), 1);
  return divide(affinities, sum(affinities, { start: 1, keep: true }));
}

/** PKT as a kind. */
export const PKT: RegularizerKind<MethodConfig<"pkt", PktOptions>> = {
  method: "pkt",
  about: "the student keeps the teacher's distributions over neighbors",
  fields: {
    weight: epochSchedule({
      name: "The weight of pkt",
      about: "factor of the loss",
    }),
  },
  needs: { teacher: "features", labels: false },
  create: pkt,
};
