// LAS-AT and LAS-TRADES in an experiment: the strategies to choose from, and the training
// and the reward of the strategy network.

import {
  choice,
  type Fields,
  list,
  type Mismatch,
  number,
  object,
  optional,
  whole,
} from "../../base/fields.ts";
import { type Fraction, fractionValue } from "../../base/fraction.ts";
import { ARCHITECTURE, type ArchitectureConfig } from "../../nn/networks.ts";
import { ATTACK, type AttackConfig } from "../attacks.ts";
import { RADIUS, STEP_SIZE } from "../attacks/iteration.ts";
import type { Builders, Method, MethodConfig, ObjectiveKind } from "../kind.ts";
import { las, type LasOptions } from "./las.ts";

/** A learned strategy. */
export interface StrategyConfig {
  /** The trunk; its classifier is the first head. */
  readonly network: ArchitectureConfig;
  /** Radii to choose from. */
  readonly epsilon: readonly Fraction[];
  /** Lengths of a step to choose from. */
  readonly stepSize: readonly Fraction[];
  /** Numbers of steps to choose from. */
  readonly steps: readonly number[];
  /** Weights of TRADES' divergence to choose from; none for LAS-AT. */
  readonly beta: readonly number[];
  /** Training steps from one update of the strategy to the next. */
  readonly interval: number;
  /** The strategy network's optimizer; its gradients are clipped to `largestNorm`. */
  readonly optimizer: {
    readonly learningRate: number;
    readonly momentum: number;
    readonly weightDecay: number;
    readonly largestNorm: number;
  };
  /** Weights of the accuracies, the attack of one, and the loss's upper limit. */
  readonly reward: {
    readonly attack: AttackConfig;
    readonly robust: number;
    readonly clean: number;
    readonly limit: number;
    /** Batch norm's mode in the loss and the attack; "eval" if left out. */
    readonly mode?: "eval" | "train";
  };
}

type Strategic = { readonly strategy: StrategyConfig };

const STRATEGY: Fields<StrategyConfig> = {
  network: ARCHITECTURE,
  epsilon: list(RADIUS, { least: 1, about: "radii to choose from" }),
  stepSize: list(STEP_SIZE, { least: 1, about: "step lengths to choose from" }),
  steps: list(whole({ least: 0, ceiling: 10_000 }), {
    least: 1,
    about: "numbers of steps to choose from",
  }),
  beta: list(number({ least: 0 }), {
    about: "weights of TRADES' divergence to choose from",
  }),
  interval: whole({
    least: 1,
    ceiling: 1_000_000,
    about: "steps between updates of the strategy",
  }),
  optimizer: object<StrategyConfig["optimizer"]>({
    learningRate: number({ least: 0, about: "of the strategy network" }),
    momentum: number({
      least: 0,
      most: 1,
      about: "the part of the velocity that a step keeps",
    }),
    weightDecay: number({ least: 0, about: "on every parameter" }),
    largestNorm: number({
      above: 0,
      about: "what longer gradients are shortened to",
    }),
  }),
  reward: object<StrategyConfig["reward"]>({
    attack: ATTACK,
    robust: number({ least: 0, about: "weight of the accuracy under attack" }),
    clean: number({ least: 0, about: "weight of the clean accuracy" }),
    limit: number({ least: 0, about: "the loss's upper limit" }),
    mode: optional(choice(["eval", "train"]), {
      about: "batch norm's mode in the loss and the attack",
    }),
  }),
};

/** LAS-AT as a kind. */
export const LAS_AT: ObjectiveKind<
  MethodConfig<"las-at", Strategic & { readonly smoothing: number }>
> = {
  method: "las-at",
  about: "smoothed cross-entropy under a learned attack strategy",
  fields: {
    smoothing: number({
      least: 0,
      below: 1,
      about: "the part of a label's weight that the other classes share",
    }),
    strategy: object(STRATEGY),
  },
  needs: { teacher: false, labels: true, attack: "strategy" },
  check: ({ strategy: { beta } }) =>
    beta.length === 0 ? null : {
      path: "strategy.beta",
      expected: "empty for las-at",
      found: beta.join(", "),
    },
  // Its labels are smoothed already.
  smooths: () => false,
  fits: stepsFit,
  budget: chosenFrom,
  create: ({ smoothing, strategy }, build) =>
    las({ ...lasOptions(strategy, build), base: { kind: "at", smoothing } }),
};

/** LAS-TRADES as a kind. */
export const LAS_TRADES: ObjectiveKind<
  MethodConfig<"las-trades", Strategic>
> = {
  method: "las-trades",
  about: "TRADES under a learned attack strategy",
  fields: { strategy: object(STRATEGY) },
  needs: { teacher: false, labels: true, attack: "strategy" },
  check: ({ strategy: { beta } }) =>
    beta.length > 0 ? null : {
      path: "strategy.beta",
      expected: "a list of candidates",
      found: "none",
    },
  fits: stepsFit,
  budget: chosenFrom,
  create: ({ strategy }, build) =>
    las({ ...lasOptions(strategy, build), base: { kind: "trades" } }),
};

/** No image may have more steps than the attack makes. */
function stepsFit(
  { strategy }: Strategic,
  attack: Method & { readonly steps?: number },
): Mismatch | null {
  const most = Math.max(...strategy.steps);
  const { steps = Infinity } = attack;
  if (most <= steps) return null;
  return {
    path: "strategy.steps",
    expected: `whole numbers up to attack.steps, ${steps}`,
    found: String(most),
  };
}

function chosenFrom({ strategy: { epsilon, stepSize } }: Strategic) {
  const chosen = (from: readonly string[]): string =>
    `chosen from ${from.join(", ")}`;
  return { epsilon: chosen(epsilon), stepSize: chosen(stepSize) };
}

function lasOptions(
  strategy: StrategyConfig,
  build: Builders,
): Omit<LasOptions, "base"> {
  const { network, epsilon, stepSize, steps, beta, interval } = strategy;
  const { reward: { attack, ...reward }, optimizer } = strategy;
  const { learningRate, largestNorm, momentum, weightDecay } = optimizer;
  return {
    candidates: {
      epsilon: epsilon.map(fractionValue),
      stepSize: stepSize.map(fractionValue),
      steps,
      ...(beta.length > 0 ? { beta } : {}),
    },
    interval,
    trunk: (classes) => build.network(network, { classes }),
    descent: {
      learningRate,
      largestNorm,
      optimizer: { momentum, weightDecay, nesterov: false },
    },
    reward: { ...reward, attack: build.attack(attack) },
  };
}
