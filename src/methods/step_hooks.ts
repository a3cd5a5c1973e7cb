// The side effects of a method in a training step. `Views` hold the data of the step, and
// are kept free of side effects.

import type { Tensor } from "../graph/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { Output } from "../nn/network.ts";

/** Side effects that a method can ask for. */
export interface StepHooks {
  /**
   * Updates the running statistics once more by the batch of one of the student's forward
   * passes, as if this was repeated.
   */
  countAgain(output: Output): void;
  /**
   * Traces `update` after every network has taken its step, to set buffers. Terms see the
   * values from before the step.
   */
  afterStep(update: () => void): void;
  /**
   * Trains one of the method's modules on another loss than the sum of the terms; with
   * null, the module is not trained in this step.
   */
  auxiliaryLoss(module: Module, loss: AuxiliaryLoss | null): void;
}

/** A loss for one module, and the module's optimizer. */
export interface AuxiliaryLoss {
  /**
   * A scalar to minimize over the module's parameters; or a function that makes one
   * from the student as its next step would leave it.
   */
  readonly loss: Tensor | ((next: NextStudent) => Tensor);
  /** A scalar. */
  readonly learningRate: Tensor;
  /** Of stochastic gradient descent. */
  readonly optimizer: {
    /** The part of the velocity that a step keeps, from 0 to 1. */
    readonly momentum: number;
    /** Whether the momentum is Nesterov's. */
    readonly nesterov: boolean;
    /** On every parameter of the module. */
    readonly weightDecay: number;
  };
  /** The norm that longer gradients are clipped to; no clipping if left out. */
  readonly largestNorm?: number;
}

/**
 * The student after one step of descent along the sum of the terms, by an optimizer
 * without momentum.
 */
export interface NextStudent {
  /** Logits (N, classes) of images, in eval mode unless another is given. */
  logits(images: Tensor, mode?: "eval" | "train-untracked"): Tensor;
}
