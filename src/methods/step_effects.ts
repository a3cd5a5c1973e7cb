// The side effects that methods ask for while a step is traced. Those that happen at the
// end of the step are collected.

import type { Variable } from "../graph/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { Output } from "../nn/network.ts";
import {
  type RunningStatisticsParams,
  updateRunningStatistics,
} from "../ops/norm/batch_norm.ts";
import type { AuxiliaryLoss, StepHooks } from "./step_hooks.ts";
import type { TracedViews } from "./traced_views.ts";

/** The side effects of one step. */
export class StepEffects {
  /** To be traced after every network has taken its step. */
  readonly updates: (() => void)[] = [];
  /** Losses that modules descend in place of the sum of the terms. */
  readonly auxiliaryLosses: Map<Module, AuxiliaryLoss | null> = new Map();

  /** The hooks of the terms on one batch. */
  hooks(views: TracedViews): StepHooks {
    return {
      countAgain: (output) => countAgain(views, output),
      afterStep: (update) => {
        this.updates.push(update);
      },
      auxiliaryLoss: (module, loss) => {
        this.auxiliaryLosses.set(module, loss);
      },
    };
  }
}

/** Repeats the updates of running statistics of one forward pass. */
function countAgain(views: TracedViews, output: Output): void {
  for (const { inputs, params } of views.statisticsUpdates(output)) {
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
