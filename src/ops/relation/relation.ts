// The relation-preserving loss of FRPAT (eq. 5 to 8), one operation per equation:
// directions of the features, cosine similarities of all pairs, the probability
// that one example is another's neighbor, and how far the student's probabilities
// are from the teacher's.
//
// Readings of the paper: each network has its own distance rho to the nearest
// neighbor, with a gradient through it; a row is no neighbor of itself unless
// asked for; the teacher's probabilities are constants; eq. 8 is a sum over all
// pairs, not divided by N. With cosines s, the affinity 2 - (d[i, j] - rho[j]) is
// 2 + s[i, j] - max over k other than j of s[k, j].

import { SmallBatchError } from "../../base/errors.ts";
import { applyOne, detach, type Op, type Operand } from "../../graph/graph.ts";
import { f32, formatType, sizeOf, type Tensor } from "../../graph/tensor.ts";
import { mulScalar } from "../pointwise.ts";
import { sum } from "../reduce/reduce.ts";
import { byRow } from "../loss/rows.ts";
import {
  conditionalProbabilities,
  nearestSimilarities,
} from "./conditional.ts";
import { launch } from "./launch.ts";

/**
 * Added to norms, so that a row of zeros has a direction, and to probabilities, so
 * that their logarithms stay finite at 0 and 1: two rows have only such.
 */
const EPSILON = 1e-7;

/** u[n] = f[n] / (|f[n]| + 1e-7): the rows of (N, D) as directions. */
export const relationUnitOp: Op = {
  name: "relation_unit",

  infer([f]) {
    if (f!.dtype !== "f32" || f!.shape.length !== 2) {
      throw new TypeError(
        `Cannot take directions: expected features f32 (N, D) but found ${
          formatType(f!)
        }`,
      );
    }
    return [f!];
  },

  vjp: ({ inputs: [f] }, [du]) => [
    applyOne(relationUnitGradientOp, [du!, f!], undefined),
  ],

  lower: byRow("relation_unit", { epsilon: EPSILON }),
};

/** df from (du, f), the derivative of {@linkcode relationUnitOp}. */
export const relationUnitGradientOp: Op = {
  name: "relation_unit_gradient",
  infer: ([, f]) => [f!],
  lower: byRow("relation_unit_gradient", { epsilon: EPSILON }),
};

/** s[i, j] = u[i] · u[j], (N, N) from (N, D): 1 - d[i, j] of eq. 5. */
export const relationSimilarityOp: Op = {
  name: "relation_similarity",

  infer([u]) {
    const rows = u!.shape[0]!;
    if (rows < 2) {
      throw new SmallBatchError(
        "Cannot relate images to each other: expected at least 2 in a batch " +
          `but found ${rows}`,
      );
    }
    return [f32([rows, rows])];
  },

  vjp: ({ inputs: [u] }, [ds]) => [
    applyOne(relationSimilarityGradientOp, [ds!, u!], undefined),
  ],

  lower(io) {
    const [rows, columns] = io.inputs[0]!.shape as [number, number];
    const invocations = rows * rows;
    return launch("relation_similarity", io, {
      invocations,
      arguments: { rows, columns },
      flops: 2 * columns * invocations,
    });
  },
};

/** du from (ds, u), the derivative of {@linkcode relationSimilarityOp}. */
export const relationSimilarityGradientOp: Op = {
  name: "relation_similarity_gradient",

  infer: ([, u]) => [u!],

  lower(io) {
    const [rows, columns] = io.outputs[0]!.shape as [number, number];
    const invocations = rows * columns;
    return launch("relation_similarity_gradient", io, {
      invocations,
      arguments: { rows, columns },
      flops: 3 * rows * invocations,
    });
  },
};

/** Whether a row counts among its own neighbors. */
export interface RelationProbabilityParams {
  /**
   * "exclude": no, as in the denominators of eq. 6 and 7, so that each column is a
   * distribution. "zero": yes, at distance 0, as in code that circulates.
   */
  readonly self: "exclude" | "zero";
}

/** The affinity of a row with itself: none, or that of distance 0. */
const SELF_AFFINITY = { exclude: 0, zero: 2 } as const;

/** p[i, j], the probability that i is a neighbor of j, from similarities (eq. 6, 7). */
export const relationProbabilityOp: Op<RelationProbabilityParams> = {
  name: "relation_probability",

  infer: ([s]) => [s!],

  vjp: ({ outputs: [p] }, [dp]) => [
    applyOne(relationProbabilityGradientOp, [dp!, p!], undefined),
  ],

  lower(io, { self }) {
    const rows = io.outputs[0]!.shape[0]!;
    return launch("relation_probability", io, {
      invocations: rows,
      arguments: { rows, self_affinity: SELF_AFFINITY[self] },
    });
  },
};

/** ds from (dp, p), the derivative of {@linkcode relationProbabilityOp}. */
export const relationProbabilityGradientOp: Op = {
  name: "relation_probability_gradient",

  infer: ([, p]) => [p!],

  lower(io) {
    const rows = io.outputs[0]!.shape[0]!;
    return launch("relation_probability_gradient", io, {
      invocations: rows,
      arguments: { rows },
    });
  },
};

/** The terms of eq. 8, (N, N), from the teacher's p and the student's q. */
export const relationDivergenceOp: Op = {
  name: "relation_divergence",

  infer([p, q]) {
    if (formatType(p!) !== formatType(q!)) {
      throw new TypeError(
        `Cannot compare relations: expected a student's ${
          formatType(p!)
        } but found ${formatType(q!)}`,
      );
    }
    return [p!];
  },

  // The teacher's probabilities are a target: no gradient reaches them.
  vjp: ({ inputs: [p, q] }, [dy]) => [
    null,
    applyOne(relationDivergenceGradientOp, [dy!, p!, q!], undefined),
  ],

  lower(io) {
    const size = sizeOf(io.outputs[0]!.shape);
    return launch("relation_divergence", io, {
      invocations: size,
      arguments: { size, epsilon: EPSILON },
    });
  },
};

/** dq from (dy, p, q), the derivative of {@linkcode relationDivergenceOp}. */
export const relationDivergenceGradientOp: Op = {
  name: "relation_divergence_gradient",

  infer: ([, , q]) => [q!],

  lower(io) {
    const size = sizeOf(io.outputs[0]!.shape);
    return launch("relation_divergence_gradient", io, {
      invocations: size,
      arguments: { size, epsilon: EPSILON },
    });
  },
};

/** How to read what the paper leaves open. */
export interface RelationOptions {
  /**
   * Whether a row counts among its own neighbors; "exclude" if left out. "printed": in
   * the numerators of eq. 6 and 7 alone, as they stand, which needs N of at least 4.
   */
  readonly self?: "exclude" | "zero" | "printed";
  /**
   * The distance to the nearest neighbor in eq. 7: each network's "own", with a gradient
   * through it, if left out; its own as a constant, "detached"; or "shared", the
   * teacher's, as both equations have one symbol for it.
   */
  readonly nearest?: "own" | "detached" | "shared";
  /**
   * "sum" over all ordered pairs, as eq. 8 is printed; "batchmean" divides it by N,
   * "mean" by N².
   */
  readonly reduction?: "sum" | "batchmean" | "mean";
}

/**
 * The relation-preserving loss L_RP (FRPAT, eq. 5 to 8), at least 0:
 * Σᵢ Σⱼ p log(p / q) + (1 - p) log((1 - p) / (1 - q)), where p = p(i | j) is the
 * probability that example i is a neighbor of example j in the teacher's feature
 * space, and q the same in the student's. Only the student has a gradient.
 *
 * @param teacherFeatures Features (N, D) of clean examples; N of at least 2.
 * @param studentFeatures Features (N, D') of the same examples, in the same order.
 * @returns A scalar.
 */
export function relationLoss(
  teacherFeatures: Operand,
  studentFeatures: Operand,
  { self = "exclude", nearest = "own", reduction = "sum" }: RelationOptions =
    {},
): Tensor {
  const [p, q] = nearest === "own" && self !== "printed"
    ? [teacherFeatures, studentFeatures].map((features) =>
      neighborProbabilities(features, { self })
    ) as [Tensor, Tensor]
    : otherReading([teacherFeatures, studentFeatures], { self, nearest });
  const total = sum(applyOne(relationDivergenceOp, [p, q], undefined));
  const rows = p.shape[0]!;
  const divisor = { sum: 1, batchmean: rows, mean: rows * rows }[reduction];
  return divisor === 1 ? total : mulScalar(total, 1 / divisor);
}

/** The teacher's and the student's probabilities where they are not read as by default. */
function otherReading(
  features: readonly [Operand, Operand],
  { self, nearest }: Required<Pick<RelationOptions, "self" | "nearest">>,
): [Tensor, Tensor] {
  const [teacher, student] = features.map(cosineSimilarities);
  const shared = detach(nearestSimilarities(teacher!));
  const own = nearestSimilarities(student!);
  const chosen = { own, detached: detach(own), shared }[nearest];
  return [
    conditionalProbabilities(teacher!, shared, { self }),
    conditionalProbabilities(student!, chosen, { self }),
  ];
}

/**
 * The probability p[i, j] that row i is a neighbor of row j (FRPAT, eq. 6 and 7),
 * in [0, 1], with columns that add up to 1.
 *
 * @param features Features (N, D), N of at least 2.
 * @returns Probabilities (N, N).
 */
export function neighborProbabilities(
  features: Operand,
  { self }: RelationProbabilityParams,
): Tensor {
  const similarity = cosineSimilarities(features);
  return applyOne(relationProbabilityOp, [similarity], { self });
}

/**
 * The cosine similarity of every two rows (1 - d[i, j] of FRPAT, eq. 5), in
 * [-1, 1]; 0 to a row of zeros.
 *
 * @param features Features (N, D), N of at least 2.
 * @returns Similarities (N, N).
 */
export function cosineSimilarities(features: Operand): Tensor {
  return applyOne(relationSimilarityOp, [directions(features)], undefined);
}

/** Rows of (N, D) as directions: f / (|f| + 1e-7), so that a row of zeros stays one. */
export function directions(features: Operand): Tensor {
  return applyOne(relationUnitOp, [features], undefined);
}
