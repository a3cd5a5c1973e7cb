// The part of an objective that chooses how each example is attacked, and learns to choose
// better (LAS, Jia et al., 2022). Other objectives have none. Only the attack of a
// training step uses it.
//
// The order of a step: `propose` before the attack, which follows what was recorded;
// the attack; `auxiliaryLoss` in steps that update the strategy; the objective's terms.

import type { Tensor } from "../graph/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { Signal } from "./signal.ts";
import type { AuxiliaryLoss } from "./step_hooks.ts";
import type { Views } from "./views.ts";

/** Chooses a strategy for the attack on each example. */
export interface StrategyLearner {
  /** One of the objective's modules, which proposes strategies. */
  readonly module: Module;
  /** Steps from one update of the module to the next; 1 updates it in every step. */
  readonly interval: number;
  /**
   * Records a strategy for each example. The views are those of the attack, without
   * adversarial images.
   */
  propose(views: Views, step: {
    /** Whether the module is trained in this step. */
    readonly isUpdateStep: boolean;
    /** Records a value that the attack and the terms read. */
    record<T>(signal: Signal<T>, value: T): void;
  }): void;
  /**
   * The loss that the module minimizes in an update step.
   *
   * @param attackLoss The surrogate at the images that the attack found, (N,).
   */
  auxiliaryLoss(views: Views, attackLoss: Tensor): AuxiliaryLoss;
}
