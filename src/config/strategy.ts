// The strategy network of LAS-AT and LAS-TRADES, as data: what it may choose, how it
// learns, and what it is paid.

import type { LasOptions } from "../methods/objectives/las.ts";
import type {
  ArchitectureConfig,
  AttackConfig,
  Experiment,
  Fraction,
} from "./experiment.ts";
import type { Refusal } from "./check_experiment.ts";
import { fractionValue } from "../base/fraction.ts";

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
  /** Training steps from one lesson to the next. */
  readonly interval: number;
  /** How it descends, with gradients no longer than `largestNorm`. */
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
  };
}

/** The options of a configuration but those that networks and attacks are built for. */
export function strategyOptions(
  { epsilon, stepSize, steps, beta, interval, optimizer }: StrategyConfig,
): Pick<LasOptions, "candidates" | "interval" | "descent"> {
  const { learningRate, largestNorm, momentum, weightDecay } = optimizer;
  return {
    candidates: {
      epsilon: epsilon.map(fractionValue),
      stepSize: stepSize.map(fractionValue),
      steps,
      ...(beta.length > 0 ? { beta } : {}),
    },
    interval,
    descent: {
      learningRate,
      largestNorm,
      optimizer: { momentum, weightDecay, nesterov: false },
    },
  };
}

/** Refuses a strategy that cannot be followed. */
export function checkStrategy(
  { objective, attack }: Pick<Experiment, "objective" | "attack">,
  fail: Refusal,
): void {
  const strategic = objective.method === "las-at" ||
    objective.method === "las-trades";
  if (strategic !== (attack?.method === "strategic-pgd")) {
    fail(
      "attack.method",
      strategic ? "strategic-pgd" : `another for ${objective.method}`,
      attack?.method,
    );
  }
  if (!strategic || attack?.method !== "strategic-pgd") return;
  const { strategy } = objective;
  if (
    objective.method === "las-at" &&
    !(objective.smoothing >= 0 && objective.smoothing < 1)
  ) {
    fail("objective.smoothing", "a number from 0 up to 1", objective.smoothing);
  }
  for (const name of ["epsilon", "stepSize", "steps"] as const) {
    if (strategy[name].length === 0) {
      fail(`objective.strategy.${name}`, "a list of candidates", "none");
    }
  }
  const most = Math.max(...strategy.steps);
  if (most > attack.steps || strategy.steps.some((n) => !Number.isInteger(n))) {
    fail(
      "objective.strategy.steps",
      `whole numbers up to attack.steps, ${attack.steps}`,
      most,
    );
  }
  const trades = objective.method === "las-trades";
  if ((strategy.beta.length > 0) !== trades) {
    const expected = trades ? "a list of candidates" : "empty for las-at";
    fail("objective.strategy.beta", expected, strategy.beta.length || "none");
  }
  const { interval } = strategy;
  if (!Number.isInteger(interval) || interval < 1) {
    fail("objective.strategy.interval", "a whole number above 0", interval);
  }
}
