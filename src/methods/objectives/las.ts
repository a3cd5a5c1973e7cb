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
// more for the student, in eval mode; here both use one draw, since another would cost
// another attack in every step. So R1 in train mode is the loss of the step itself, and
// its forwards are counted again. What the step and the attack of R2 do to the running
// statistics of the student ahead is left out, and so is the drop of the strategy's
// learning rate.

import type { Tensor } from "../../graph/tensor.ts";
import { crossEntropy, klDivergence } from "../../nn/losses.ts";
import { type Proposal, StrategyNetwork } from "../../nn/strategy_network.ts";
import type { Network } from "../../nn/network.ts";
import { gatherClass } from "../../ops/loss/gather_class.ts";
import { add, mulScalar, multiply } from "../../ops/pointwise.ts";
import { fill } from "../../ops/fill.ts";
import { uniform } from "../../ops/random/random.ts";
import { mean, sum } from "../../ops/reduce/reduce.ts";
import { sampleClass } from "../../ops/random/sample_class.ts";
import { logSoftmax } from "../../ops/loss/softmax.ts";
import type { Objective } from "../objective.ts";
import {
  LOG_PROBABILITY,
  rewarded,
  type StrategyDescent,
  type StrategyReward,
} from "./las_reward.ts";
import { ATTACK_STRATEGY, Signal, type Signals } from "../signal.ts";
import type { Stateful } from "../stateful.ts";
import type { AuxiliaryLoss, StepHooks } from "../step_hooks.ts";
import type { Views } from "../views.ts";

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
  readonly descent: StrategyDescent;
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
/** TRADES' cross-entropy on clean images in the attack's mode, (N,). */
export const NATURAL_LOSS: Signal = new Signal("natural loss");
/** Whether the strategy learns in this step. */
export const IS_UPDATE_STEP: Signal<boolean> = new Signal("is update step");

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
  const rewardedInTrain = options.reward.mode === "train";
  return {
    modules: { strategy },
    strategy: {
      module: strategy,
      interval,
      propose(views, { isUpdateStep, record }) {
        if (rewardedInTrain) record(IS_UPDATE_STEP, isUpdateStep);
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
    terms(views, hooks) {
      const terms = base.kind === "at"
        ? { adversarial: smoothedLoss(views, base) }
        : tradesLosses(views);
      if (rewardedInTrain && views.read(IS_UPDATE_STEP)) {
        const { auxiliaryLoss } = hooks;
        countForwardsAgain(views, { base, hooks });
        auxiliaryLoss(strategy, rewarded(views, lossOf(views, terms), options));
      }
      return terms;
    },
  };
}

/** R1 in the mode of the views: without smoothing, and with TRADES' sum. */
function lossOf(
  { adversarial, labels }: Views,
  { natural, robust }: Readonly<Record<string, Tensor>>,
): Tensor {
  return natural && robust
    ? add(natural, robust)
    : mean(crossEntropy(adversarial.logits, labels));
}

/** The forwards that the authors measure R1 by, before those of the step. */
function countForwardsAgain(
  views: Views,
  { base, hooks: { countAgain } }: {
    readonly base: LasOptions["base"];
    readonly hooks: StepHooks;
  },
): void {
  if (base.kind === "trades") countAgain(views.clean);
  countAgain(views.adversarial);
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
  const { clean, targets } = views;
  return {
    natural: mean(crossEntropy(clean.logits, targets)),
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
  options: LasOptions,
): AuxiliaryLoss {
  const loss = options.base.kind === "at" ? mean(attackLoss) : add(
    mean(views.read(NATURAL_LOSS)),
    mean(multiply(views.read(BETA), attackLoss)),
  );
  return rewarded(views, loss, options);
}
