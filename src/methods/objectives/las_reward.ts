// What the strategy network of LAS is paid, and how it learns from it: REINFORCE by the
// student's loss and by its accuracies after a step. What is left of the authors' code
// is told in `las.ts`.

import { detach } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { crossEntropy } from "../../nn/losses.ts";
import { fill } from "../../ops/fill.ts";
import { correct } from "../../ops/loss/margin.ts";
import {
  add,
  clamp,
  mulScalar,
  multiply,
  negate,
} from "../../ops/pointwise.ts";
import { mean } from "../../ops/reduce/reduce.ts";
import type { Attack } from "../attack.ts";
import { Signal } from "../signal.ts";
import type { AuxiliaryLoss, NextStudent } from "../step_hooks.ts";
import type { Views } from "../views.ts";

/** The reward of the strategy network. */
export interface StrategyReward {
  /** The attack that R2 is measured under: PGD-10, twice, in the paper. */
  readonly attack: Attack;
  /** Weight of the accuracy under it: 4, for TRADES 8. */
  readonly robust: number;
  /** Weight of the clean accuracy: 2, for TRADES 4. */
  readonly clean: number;
  /** R1's upper limit; the lower is 0: 10, for TRADES 20. */
  readonly limit: number;
  /**
   * Batch norm's mode in R1, and in the attack of R2: "eval" if left out. With "train",
   * as in the authors' code, the forwards of R1 also move the running statistics.
   */
  readonly mode?: "eval" | "train";
}

/** How the strategy network descends. */
export type StrategyDescent =
  & Pick<AuxiliaryLoss, "optimizer" | "largestNorm">
  & { readonly learningRate: number };

/** The sum of the draws' log-probabilities, (N,). */
export const LOG_PROBABILITY: Signal = new Signal("log-probability");

/** REINFORCE by the student's loss, R1 before its limits, a scalar. */
export function rewarded(
  views: Views,
  loss: Tensor,
  { reward, descent }: {
    readonly reward: StrategyReward;
    readonly descent: StrategyDescent;
  },
): AuxiliaryLoss {
  const { optimizer, largestNorm, learningRate } = descent;
  const own = clamp(loss, { low: 0, high: reward.limit });
  return {
    loss: (next) =>
      policyLoss(
        views.read(LOG_PROBABILITY),
        add(own, accuracies(views, next, reward)),
      ),
    learningRate: fill(views.x.graph, { shape: [], value: learningRate }),
    optimizer,
    ...(largestNorm === undefined ? {} : { largestNorm }),
  };
}

/** R2 + R3: the accuracies of the student after its step. */
function accuracies(
  views: Views,
  { logits }: NextStudent,
  { attack, robust, clean, mode = "eval" }: StrategyReward,
): Tensor {
  const { x, labels } = views;
  const inAttack = (images: Tensor): Tensor =>
    mode === "eval" ? logits(images) : logits(images, "train-untracked");
  const random = views.random("strategy/reward");
  const attacked = attack.maximize(
    (images) => crossEntropy(inAttack(images), labels),
    { images: x, labels, logits: inAttack, random },
  );
  return add(
    mulScalar(mean(correct(logits(attacked), labels)), robust),
    mulScalar(mean(correct(logits(x), labels)), clean),
  );
}

/** - mean_i log pi(a_i) R, (N,) and a scalar to a scalar; R is taken as constant. */
export function policyLoss(logProbabilities: Tensor, reward: Tensor): Tensor {
  return negate(multiply(mean(logProbabilities), detach(reward)));
}
