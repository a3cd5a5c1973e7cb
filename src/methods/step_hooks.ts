// What a method does in a training step beside adding terms to the loss: its side
// effects, apart from the data that it looks at.

import type { Tensor } from "../graph/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { Output } from "../nn/network.ts";

/** Side effects of a step. Views have no part in them. */
export interface StepHooks {
  /**
   * Moves the running statistics once more by the batch of a forward pass of the
   * student's that `views` gave: a forward in train mode that is not repeated.
   */
  countAgain(output: Output): void;
  /**
   * Traces `update` after every network has taken its step: for buffers, which no
   * gradient moves. Terms only see their values from before the step.
   */
  afterStep(update: () => void): void;
  /**
   * Trains one of the method's modules on a loss of its own in place of the sum of
   * the terms; with null, the module stays as it is in this step.
   */
  auxiliaryLoss(module: Module, loss: AuxiliaryLoss | null): void;
}

/** A loss of a module's own, and how the module descends it. */
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
