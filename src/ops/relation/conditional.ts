// Other readings of FRPAT's eq. 6 and 7: the similarity of the nearest neighbor, m, is
// an operation of its own, so that it can be another network's or a constant, and a row
// may count itself as the equations are printed. The default reading has operations of
// its own in `relation.ts`, of which the derivative needs the probabilities alone.

import { apply, applyOne, type Op } from "../../graph/graph.ts";
import { f32, formatType, type Tensor } from "../../graph/tensor.ts";
import { launch } from "./launch.ts";

/** m[j], the largest of s[i, j] over i other than j: (N) from (N, N). */
export const relationNearestOp: Op = {
  name: "relation_nearest",

  infer: ([s]) => [f32([s!.shape[0]!])],

  vjp: ({ inputs: [s] }, [dm]) => [
    applyOne(relationNearestGradientOp, [dm!, s!], undefined),
  ],

  lower(io) {
    const rows = io.outputs[0]!.shape[0]!;
    return launch("relation_nearest", io, {
      invocations: rows,
      arguments: { rows },
    });
  },
};

/** ds from (dm, s), the derivative of {@linkcode relationNearestOp}. */
export const relationNearestGradientOp: Op = {
  name: "relation_nearest_gradient",

  infer: ([, s]) => [s!],

  lower(io) {
    const rows = io.outputs[0]!.shape[0]!;
    return launch("relation_nearest_gradient", io, {
      invocations: rows,
      arguments: { rows },
    });
  },
};

/** Whether a row counts among its own neighbors. */
export interface RelationConditionalParams {
  /**
   * "exclude": no. "zero": yes, at distance 0. "printed": in the numerator alone, as
   * eq. 6 and 7 stand, so that its share depends on the nearest neighbor.
   */
  readonly self: "exclude" | "zero" | "printed";
}

/** The affinity of a row with itself: `affinity - slope m`, and what the sum has of it. */
const SELF = {
  exclude: { affinity: 0, slope: 0, summed: 0 },
  zero: { affinity: 2, slope: 0, summed: 2 },
  // 2 - (d - rho) with d = 0 and rho = 1 - m.
  printed: { affinity: 3, slope: 1, summed: 0 },
} as const;

/** p[i, j] from similarities s (N, N) and those of nearest neighbors m (N). */
export const relationConditionalOp: Op<RelationConditionalParams> = {
  name: "relation_conditional",

  infer([s, m]) {
    if (m!.shape.length !== 1 || m!.shape[0] !== s!.shape[0]) {
      throw new TypeError(
        `Cannot condition on neighbors: expected f32 (${
          s!.shape[0]
        }) but found ${formatType(m!)}`,
      );
    }
    return [s!];
  },

  vjp: ({ inputs: [s, m], outputs: [p] }, [dp], { self }) => {
    const inputs = [dp!, p!, s!, m!];
    return apply(relationConditionalGradientOp, inputs, { self });
  },

  lower(io, { self }) {
    const rows = io.outputs[0]!.shape[0]!;
    const { affinity, slope, summed } = SELF[self];
    return launch("relation_conditional", io, {
      invocations: rows,
      arguments: {
        rows,
        self_affinity: affinity,
        self_slope: slope,
        self_summed: summed,
      },
    });
  },
};

/** ds and dm from (dp, p, s, m), the derivative of {@linkcode relationConditionalOp}. */
export const relationConditionalGradientOp: Op<RelationConditionalParams> = {
  name: "relation_conditional_gradient",

  infer: ([, , s, m]) => [s!, m!],

  lower(io, { self }) {
    const rows = io.outputs[0]!.shape[0]!;
    const { slope, summed } = SELF[self];
    return launch("relation_conditional_gradient", io, {
      invocations: rows,
      arguments: { rows, self_slope: slope, self_summed: summed },
    });
  },
};

/** The similarity of each row's nearest neighbor, (N) from similarities (N, N). */
export function nearestSimilarities(similarities: Tensor): Tensor {
  return applyOne(relationNearestOp, [similarities], undefined);
}

/** Probabilities (N, N) of being a neighbor, given the nearest ones' similarities (N). */
export function conditionalProbabilities(
  similarities: Tensor,
  nearest: Tensor,
  { self }: RelationConditionalParams,
): Tensor {
  return applyOne(relationConditionalOp, [similarities, nearest], { self });
}
