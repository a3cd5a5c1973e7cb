// Kullback-Leibler divergence between the softmax of two rows of logits, and its
// derivatives to both: TRADES lets gradients flow through the target as well. The
// two are separate operations, since an attack needs only the prediction's.

import { applyOne, type Op, type Operand } from "../../graph/graph.ts";
import { f32, type Tensor } from "../../graph/tensor.ts";
import { byRow, checkSameLogits } from "./rows.ts";

/** loss[n] = Σ_c p (log p - log q), p and q the softmax of the two inputs. */
export const klDivergenceOp: Op = {
  name: "kl_divergence",

  infer([target, prediction]) {
    checkSameLogits("take the KL divergence", [target!, prediction!]);
    return [f32(target!.shape.slice(0, 1))];
  },

  vjp: ({ inputs: [target, prediction], outputs: [loss] }, [dloss]) => [
    applyOne(
      klDivergenceTargetGradientOp,
      [dloss!, loss!, target!, prediction!],
      undefined,
    ),
    applyOne(
      klDivergencePredictionGradientOp,
      [dloss!, target!, prediction!],
      undefined,
    ),
  ],

  lower: byRow("kl_divergence"),
};

/** dtarget = dloss · p (log p - log q - loss), from (dloss, loss, target, prediction). */
export const klDivergenceTargetGradientOp: Op = {
  name: "kl_divergence_target_gradient",
  infer: ([, , target]) => [target!],
  lower: byRow("kl_divergence_target_gradient"),
};

/** dprediction = dloss · (q - p), from (dloss, target, prediction). */
export const klDivergencePredictionGradientOp: Op = {
  name: "kl_divergence_prediction_gradient",
  infer: ([, target]) => [target!],
  lower: byRow("kl_divergence_prediction_gradient"),
};

/** The logits of both distributions. */
export interface KlDivergenceOperands {
  /** Logits of p, the distribution that the divergence is an expectation under. */
  readonly target: Operand;
  /** Logits of q. */
  readonly prediction: Operand;
}

/**
 * Kullback-Leibler divergence of each example, at least 0:
 * KL(p ‖ q) = Σ_c p[n, c] (log p[n, c] - log q[n, c]), with p = softmax(target) and
 * q = softmax(prediction), logits (N, C). Both have a gradient.
 *
 * @returns One divergence per example, (N).
 */
export function klDivergence(
  { target, prediction }: KlDivergenceOperands,
): Tensor {
  return applyOne(klDivergenceOp, [target, prediction], undefined);
}
