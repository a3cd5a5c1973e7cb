// The side effects that a method asks for while its terms are traced. Those that have to
// wait for the end of the step are collected for whoever traces it.

import type { Variable } from "../graph/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { Output } from "../nn/network.ts";
import {
  type RunningStatisticsParams,
  updateRunningStatistics,
} from "../ops/norm/batch_norm.ts";
import type { AuxiliaryLoss, StepHooks } from "./step_hooks.ts";
import type { TracedViews } from "./traced_views.ts";

/** Hooks for the terms on one batch. */
export class TracedHooks implements StepHooks {
  /** To be traced after every network has taken its step. */
  readonly updates: (() => void)[] = [];
  /** What modules descend in place of the sum of the terms. */
  readonly auxiliaryLosses: Map<Module, AuxiliaryLoss | null> = new Map();
  readonly #views: TracedViews;

  constructor(views: TracedViews) {
    this.#views = views;
  }

  countAgain(output: Output): void {
    const updates = this.#views.statisticsUpdates(output);
    for (const { inputs, params } of updates) {
      const [mean, variance, runningMean, runningVariance] = inputs;
      updateRunningStatistics({
        mean: runningMean!.source as Variable,
        variance: runningVariance!.source as Variable,
      }, {
        mean: mean!,
        variance: variance!,
        ...params as RunningStatisticsParams,
      });
    }
  }

  afterStep(update: () => void): void {
    this.updates.push(update);
  }

  auxiliaryLoss(module: Module, loss: AuxiliaryLoss | null): void {
    this.auxiliaryLosses.set(module, loss);
  }
}
