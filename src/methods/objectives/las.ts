// Learnable attack strategies (LAS-AT, Jia et al., 2022): a second network proposes a
// radius, a step, a number of steps and, for TRADES, a beta for every image; they are
// drawn from its distributions, the attack follows them, and training descends
//
//   LAS-AT       CE(f(x'), smoothed y):  0.7 on the label, 0.3 on the other classes
//   LAS-TRADES   CE(f(x), y) + mean_i beta_i KL(f(x_i) || f(x'_i))
//
// Every `interval` steps the strategy network w learns by REINFORCE from the reward R
// of its draws a,
//
//   min over w  - sum_heads mean_i log pi_w(a_i | x_i) R,   R = R1 + R2 + R3
//
// R1 is the student's loss on x' before the step, without smoothing. R2 and R3 are
// weighted accuracies, under attack and on clean images, of the student after one step
// on x' by an optimizer without momentum.
//
// The authors draw once for the reward and, after the strategy's step of 1e-4, once
// more for the student; here both use one draw. They attack the student for R2 in
// training mode; here it is in eval mode. The strategy's learning rate does not drop.

import { detach } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { crossEntropy, klDivergence } from "../../nn/losses.ts";
import { type Proposal, StrategyNetwork } from "../../nn/strategy_network.ts";
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
import { uniform } from "../../ops/random/random.ts";
import { mean, sum } from "../../ops/reduce/reduce.ts";
import { sampleClass } from "../../ops/random/sample_class.ts";
import { logSoftmax } from "../../ops/loss/softmax.ts";
import type { Attack } from "../attack.ts";
import type { Objective } from "../objective.ts";
import { ATTACK_STRATEGY, Signal, type Signals } from "../signal.ts";
import type { Stateful } from "../stateful.ts";
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
}

/** The strategies to choose from, the strategy network, and its training. */
export interface LasOptions {
  /** The loss: smoothed cross-entropy with the share of the other classes, or TRADES. */
  readonly base:
    | { readonly kind: "at"; readonly smoothing: number }
    | { readonly kind: "trades" };
  /** Numbers to choose from; `beta` for TRADES alone, which needs it. */
  readonly candidates: {
    readonly epsilon: readonly number[];
    readonly stepSize: readonly number[];
    readonly steps: readonly number[];
    readonly beta?: readonly number[];
  };
  /** Makes the strategy network's trunk: a ResNet-18 in the paper. */
  readonly trunk: (classes: number) => Network;
  /** Steps from one update of the strategy network to the next: 20, for TRADES 1. */
  readonly interval: number;
  /** How the strategy network descends. */
  readonly descent:
    & Pick<AuxiliaryLoss, "optimizer" | "largestNorm">
    & { readonly learningRate: number };
  /** Its reward. */
  readonly reward: StrategyReward;
}

/** The choices for each image, and the names of their random streams. */
const STREAMS = {
  epsilon: "strategy/epsilon",
  stepSize: "strategy/step size",
  steps: "strategy/steps",
  beta: "strategy/beta",
} as const;

type Choice = keyof typeof STREAMS;

/** The weight of TRADES' divergence that was drawn for each example, (N,). */
export const BETA: Signal = new Signal("beta");
/** The sum of the draws' log-probabilities, (N,). */
export const LOG_PROBABILITY: Signal = new Signal("log-probability");
/** TRADES' cross-entropy on clean images in the attack's mode, (N,). */
export const NATURAL_LOSS: Signal = new Signal("natural loss");

/**
 * Training against learned strategies, with an attack that follows them,
 * `strategicPgd`. The terms are `adversarial`, or `natural` and `robust`.
 */
export function las(options: LasOptions): Stateful<Objective> {
  const name = `las-${options.base.kind}`;
  return {
    name,
    create() {
      const { candidates: { epsilon, stepSize, steps, beta }, trunk } = options;
      const candidates = new Map<Choice, readonly number[]>(
        Object.entries({ epsilon, stepSize, steps }) as [Choice, number[]][],
      );
      if (beta) candidates.set("beta", beta);
      const strategy = new StrategyNetwork({ candidates, trunk });
      return { name, ...objectiveOf(strategy, options) };
    },
  };
}

function objectiveOf(
  strategy: StrategyNetwork<Choice>,
  options: LasOptions,
): Omit<Objective, "name"> {
  const { base, interval } = options;
  return {
    modules: { strategy },
    strategy: {
      module: strategy,
      interval,
      propose(views, { isUpdateStep, record }) {
        // It learns from what it proposed in train mode.
        const mode = isUpdateStep ? "train" : "eval";
        draw(strategy.call(views.x, mode), { views, record });
        if (base.kind === "at") return;
        const { clean, labels } = views;
        record(NATURAL_LOSS, crossEntropy(clean.logits, labels));
      },
      auxiliaryLoss: (views, attackLoss) =>
        strategyLoss({ views, attackLoss }, options),
    },
    surrogate: (views) =>
      base.kind === "at"
        ? crossEntropy(views.adversarial.logits, views.labels)
        : divergence(views),
    terms: (views) =>
      base.kind === "at"
        ? { adversarial: smoothedLoss(views, base) }
        : tradesLosses(views),
  };
}

/** Records a draw of each choice, and the log-probability of all of them. */
function draw(
  proposals: ReadonlyMap<Choice, Proposal>,
  { views, record }: {
    readonly views: Views;
    readonly record: Signals["record"];
  },
): void {
  const { x, labels } = views;
  const drawn = new Map<Choice, Tensor>();
  let logProbability: Tensor | null = null;
  for (const [choice, { logits, candidates }] of proposals) {
    const logProbabilities = logSoftmax(logits);
    const u = uniform(views.random(STREAMS[choice]), labels.shape);
    const action = sampleClass(logProbabilities, u);
    const none = fill(x.graph, { shape: logits.shape, value: 0 });
    drawn.set(choice, gatherClass(add(none, candidates), action));
    const own = gatherClass(logProbabilities, action);
    logProbability = logProbability ? add(logProbability, own) : own;
  }
  const [epsilon, stepSize, steps, beta] = drawn.values();
  record(ATTACK_STRATEGY, {
    epsilon: epsilon!,
    stepSize: stepSize!,
    steps: steps!,
  });
  if (beta) record(BETA, beta);
  record(LOG_PROBABILITY, logProbability!);
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
    robust: mean(multiply(views.read(BETA), divergence(views))),
  };
}

function divergence({ clean, adversarial }: Views): Tensor {
  const target = clean.logits;
  return klDivergence({ target, prediction: adversarial.logits });
}

/** REINFORCE on the draws of this step. */
function strategyLoss(
  { views, attackLoss }: {
    readonly views: Views;
    readonly attackLoss: Tensor;
  },
  { base, reward, descent }: LasOptions,
): AuxiliaryLoss {
  const { optimizer, largestNorm, learningRate } = descent;
  const loss = base.kind === "at" ? mean(attackLoss) : add(
    mean(views.read(NATURAL_LOSS)),
    mean(multiply(views.read(BETA), attackLoss)),
  );
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
  { attack, robust, clean }: StrategyReward,
): Tensor {
  const { x, labels } = views;
  const attacked = attack.maximize(
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
