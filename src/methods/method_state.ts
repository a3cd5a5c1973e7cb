// What a method keeps from step to step: networks of its own that learn beside the
// student, and values that move without a gradient, such as a memory of features.
// Both are fields of modules, as a network's parameters and running statistics are:
// a `Parameter` is trained, a `Statistic` is whatever the method makes of it.
//
// A method only declares its modules. The trainer lays them out, sets them to their
// starting values, trains their parameters, and has them in checkpoints.

import type { Tensor } from "../graph/tensor.ts";
import type { Module } from "../nn/module.ts";

/** The modules that a method keeps, by names of its own. */
export type MethodState = Readonly<Record<string, Module>>;

/** What the sizes of a method's state may depend on. */
export interface MethodSetting {
  /** Classes of the data set. */
  readonly classes: number;
  /** Images in the training split: `views.indices` are below it. */
  readonly images: number;
  /** Images in a batch; an epoch's last may be smaller. */
  readonly batchSize: number;
  /** Lengths of the networks' feature vectors; null without a teacher. */
  readonly featureSize: {
    /** Of the student. */
    readonly student: number;
    /** Of the teacher. */
    readonly teacher: number | null;
  };
}

/**
 * The length of the teacher's feature vectors.
 *
 * @throws {TypeError} if there is no teacher.
 */
export function teacherFeatureSize({ featureSize }: MethodSetting): number {
  if (featureSize.teacher !== null) return featureSize.teacher;
  throw new TypeError(
    "Cannot make a method's state: expected a teacher but found none",
  );
}

/**
 * The student as one step of descent along the sum of the terms would leave it, by an
 * optimizer without momentum.
 */
export interface Ahead {
  /** Logits (N, classes) of images, in eval mode. */
  logits(images: Tensor): Tensor;
}

/** How a module learns that has a loss of its own. */
export interface Lesson {
  /**
   * A scalar to minimize over the module's parameters; or what makes one of a look at
   * the student after its next step.
   */
  readonly loss:
    | Tensor
    | ((ahead: { logits(images: Tensor): Tensor }) => Tensor);
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
  /** The norm that a longer gradient is shortened to; any is left if left out. */
  readonly largestNorm?: number;
}

/** The modules of `state` whose names begin with `prefix`, without it. */
export function stateUnder(prefix: string, state: MethodState): MethodState {
  return Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, module]) => [name.slice(prefix.length), module]),
  );
}

/** The same modules with `prefix` before their names. */
export function statePrefixed(prefix: string, state: MethodState): MethodState {
  return Object.fromEntries(
    Object.entries(state).map(([name, module]) => [prefix + name, module]),
  );
}
