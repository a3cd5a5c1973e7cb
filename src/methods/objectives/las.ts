// Learnable attack strategies (LAS-AT, Jia et al., 2022): a second network proposes a
// radius, a step, a number of steps and, for TRADES, a beta for every image; they are
// drawn from its distributions, the attack follows them, and training descends
//
//   LAS-AT       CE(f(x'), smoothed y):  0.7 on the label, 0.3 on the other classes
//   LAS-TRADES   CE(f(x), y) + mean_i beta_i KL(f(x_i) || f(x'_i))
//
// Every `interval` steps the strategy network w learns by REINFORCE, as its draws a
// were worth,
//
//   min over w  - sum_heads mean_i log pi_w(a_i | x_i) R,   R = R1 + R2 + R3
//
// R1 is the student's loss on x' before the step, of its training loss without the
// smoothing; R2 and R3 are weighted accuracies under attack and on clean images of the
// student as one step on x' by a fresh optimizer would leave it.
//
// The authors draw once for the reward and, after the strategy's step of 1e-4, once
// more for the student; here both see one draw. They attack that student for R2 in
// training mode; here it is in eval mode. The strategy's own rate does not drop.

import { detach } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { crossEntropy, klDivergence } from "../../nn/losses.ts";
import { StrategyNetwork } from "../../nn/strategy_network.ts";
import type { Network } from "../../nn/network.ts";
import { gatherClass } from "../../ops/loss/gather_class.ts";
import { correct } from "../../ops/loss/margin.ts";
import {
  add,
  clamp,
  mulScalar,
  multiply,
  negate,
} from "../../ops/pointwise.ts";
import { fill } from "../../ops/fill.ts";
import { type RandomKey, uniform } from "../../ops/random/random.ts";
import { mean, sum } from "../../ops/reduce/reduce.ts";
import { sampleClass } from "../../ops/random/sample_class.ts";
import { logSoftmax } from "../../ops/loss/softmax.ts";
import type { Ahead, Lesson, MethodState } from "../method_state.ts";
import type { Objective, Views } from "../objective.ts";

/** Finds images against a student: any attack. */
export interface Opponent {
  /** As an attack's. */
  maximize(surrogate: (images: Tensor) => Tensor, inputs: {
    readonly images: Tensor;
    readonly labels: Tensor;
    logits(images: Tensor): Tensor;
    readonly random: RandomKey;
  }): Tensor;
}

/** What the strategy network is paid. */
export interface StrategyReward {
  /** The attack that R2 is measured under: PGD-10, twice, in the paper. */
  readonly opponent: Opponent;
  /** Weight of the accuracy under it: 4, for TRADES 8. */
  readonly robust: number;
  /** Weight of the clean accuracy: 2, for TRADES 4. */
  readonly clean: number;
  /** R1's upper limit; the lower is 0: 10, for TRADES 20. */
  readonly limit: number;
}

/** What may be chosen, who chooses, and how that is learned. */
export interface LasOptions {
  /** What is minimized: by the share of the other classes, or TRADES' sum. */
  readonly base:
    | { readonly kind: "at"; readonly smoothing: number }
    | { readonly kind: "trades" };
  /** Numbers to choose from, by what they are; `beta` exactly for TRADES. */
  readonly candidates: {
    readonly "epsilon": readonly number[];
    readonly "step size": readonly number[];
    readonly "steps": readonly number[];
    readonly "beta"?: readonly number[];
  };
  /** Makes the strategy network's trunk: a ResNet-18 in the paper. */
  readonly trunk: (classes: number) => Network;
  /** Steps from one lesson to the next: 20, for TRADES 1. */
  readonly interval: number;
  /** How the strategy network descends. */
  readonly descent:
    & Pick<Lesson, "optimizer" | "largestNorm">
    & { readonly learningRate: number };
  /** What it is paid. */
  readonly reward: StrategyReward;
}

/** What it keeps: the network that proposes. */
interface LasState extends MethodState {
  /** Learns beside the student. */
  readonly strategy: StrategyNetwork;
}

/** The name of the sum of the draws' log-probabilities, (N,), among the recorded. */
const LOG_PROBABILITY = "log-probability";
/** The name of the cross-entropy on clean images under attack, likewise. */
const NATURAL = "natural loss";

/**
 * Training against learned strategies, with an attack that follows what is planned,
 * `strategicPgd`. The terms are `adversarial`, or `natural` and `robust`.
 */
export function las(options: LasOptions): Objective {
  const { base, candidates, trunk, interval } = options;
  const objective: Objective<LasState> = {
    name: `las-${base.kind}`,
    interval,
    state: () => ({
      strategy: new StrategyNetwork({
        candidates: candidates as Record<string, readonly number[]>,
        trunk,
      }),
    }),
    plan(views, state) {
      const draws = drawn(views, state!.strategy);
      return base.kind === "at" ? draws : {
        ...draws,
        [NATURAL]: crossEntropy(views.clean.logits, views.labels),
      };
    },
    surrogate: (views) =>
      base.kind === "at"
        ? crossEntropy(views.adversarial.logits, views.labels)
        : divergence(views),
    terms(views, state) {
      const { strategy } = state!;
      views.teach(strategy, views.due ? lesson(views, options) : null);
      return base.kind === "at"
        ? { adversarial: smoothedLoss(views, base) }
        : tradesLosses(views);
    },
  };
  return objective;
}

/** A draw for each choice, and the log-probability of all of them. */
function drawn(
  views: Views,
  strategy: StrategyNetwork,
): Record<string, Tensor> {
  const { x, labels } = views;
  const plan: Record<string, Tensor> = {};
  // It learns from what it did in train mode.
  const proposals = strategy.call(x, views.due ? "train" : "eval");
  for (const [name, { logits, candidates }] of proposals) {
    const logProbabilities = logSoftmax(logits);
    const u = uniform(views.random(`strategy/${name}`), labels.shape);
    const action = sampleClass(logProbabilities, u);
    const none = fill(x.graph, { shape: logits.shape, value: 0 });
    plan[name] = gatherClass(add(none, candidates), action);
    const own = gatherClass(logProbabilities, action);
    const sofar = plan[LOG_PROBABILITY];
    plan[LOG_PROBABILITY] = sofar ? add(sofar, own) : own;
  }
  return plan;
}

/** Cross-entropy with a part of the label's weight spread over the other classes. */
export function smoothedCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  { smoothing }: { readonly smoothing: number },
): Tensor {
  const each = smoothing / (logits.shape[1]! - 1);
  const all = sum(logSoftmax(logits), { start: 1 });
  const own = mulScalar(crossEntropy(logits, labels), 1 - smoothing - each);
  return add(own, mulScalar(all, -each));
}

function smoothedLoss(
  { adversarial, labels }: Views,
  { smoothing }: { readonly smoothing: number },
): Tensor {
  const { logits } = adversarial;
  return mean(smoothedCrossEntropy(logits, labels, { smoothing }));
}

function tradesLosses(views: Views): Record<string, Tensor> {
  const { clean, labels } = views;
  return {
    natural: mean(crossEntropy(clean.logits, labels)),
    robust: mean(multiply(views.recorded("beta"), divergence(views))),
  };
}

function divergence({ clean, adversarial }: Views): Tensor {
  const target = clean.logits;
  return klDivergence({ target, prediction: adversarial.logits });
}

/** REINFORCE on the draws of this step. */
function lesson(views: Views, { base, reward, descent }: LasOptions): Lesson {
  const { graph } = views.x;
  const { optimizer, largestNorm, learningRate } = descent;
  const { reached } = views;
  const loss = base.kind === "at" ? mean(reached) : add(
    mean(views.recorded(NATURAL)),
    mean(multiply(views.recorded("beta"), reached)),
  );
  const own = clamp(loss, { low: 0, high: reward.limit });
  return {
    loss: (ahead) =>
      policyLoss(
        views.recorded(LOG_PROBABILITY),
        add(own, accuracies(views, ahead, reward)),
      ),
    learningRate: fill(graph, { shape: [], value: learningRate }),
    optimizer,
    ...(largestNorm === undefined ? {} : { largestNorm }),
  };
}

/** R2 + R3: what the student would be worth after its step. */
function accuracies(
  views: Views,
  { logits }: Ahead,
  { opponent, robust, clean }: StrategyReward,
): Tensor {
  const { x, labels } = views;
  const attacked = opponent.maximize(
    (images) => crossEntropy(logits(images), labels),
    { images: x, labels, logits, random: views.random("strategy/reward") },
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
