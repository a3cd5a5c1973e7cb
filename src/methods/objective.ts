// A training method is an equation: a surrogate that the attack maximizes, and
// named terms whose sum training minimizes. A regularizer adds one term to any of
// them.
//
// What a term may look at are views: the outputs of student and teacher on clean
// and adversarial images. A view is traced when it is first asked for and shared
// by all who ask, so nobody pays for what is not used. A method that keeps state
// from step to step declares it, and is given it beside the views.

import type { Tensor, Variable } from "../graph/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { Output } from "../nn/network.ts";
import type { RandomKey } from "../ops/random/random.ts";
import type { EpochSchedule } from "./epoch_schedule.ts";
import {
  type Lesson,
  type MethodSetting,
  type MethodState,
  statePrefixed,
  stateUnder,
} from "./method_state.ts";

/**
 * What a term may look at, in one graph. The student's training-mode forwards
 * happen in the order in which views are first asked for, and move the running
 * statistics in that order.
 */
export interface Views {
  /** Clean images (N, H, W, 3) in [0, 1]. */
  readonly x: Tensor;
  /** Class indices, u32 (N). */
  readonly labels: Tensor;
  /** Places of the images in the training split, u32 (N), all different. */
  readonly indices: Tensor;
  /** All images of the training split, for those who draw from other classes. */
  readonly imagesByClass: {
    /** Their places, those of a class after one another: u32 (images). */
    readonly order: Variable;
    /** Where in it each class begins, and where the last one ends: u32 (classes + 1). */
    readonly starts: Variable;
  };
  /** The student on clean images. */
  readonly clean: Output;
  /** The student on adversarial images. */
  readonly adversarial: Output;
  /** The teacher on clean images. */
  readonly teacher: Output;
  /** The clean forward's batch enters the student's running statistics once more. */
  countCleanAgain(): void;
  /** The epoch, counted from 1, an f32 scalar. */
  readonly epoch: Tensor;
  /**
   * What the attack found out about each example, (N,), by the name that it recorded
   * it under; or what the objective had planned for it.
   *
   * @throws {TypeError} if there is nothing of that name.
   */
  recorded(name: string): Tensor;
  /** What the attack maximized, at the images that it found, (N,). */
  readonly reached: Tensor;
  /** A number that follows the epoch, as a scalar. */
  scheduled(name: string, schedule: EpochSchedule): Tensor;
  /** The address of this step's random numbers for a purpose. */
  random(stream: string): RandomKey;
  /**
   * Traces `update` after every network has taken its step: for state that no
   * gradient moves. Terms can only look at such state as it was before.
   */
  afterDescent(update: () => void): void;
  /**
   * Lets a module of the method's state descend a loss of its own, in place of the
   * sum of the terms; or, without a lesson, stay as it is in this step.
   */
  teach(module: Module, lesson: Lesson | null): void;
  /** Whether this is one of the steps that the objective's `interval` is between. */
  readonly due: boolean;
}

/** min over the student of the sum of `terms`, at the images that maximize `surrogate`. */
export interface Objective<S extends MethodState = MethodState> {
  /** As the literature calls the method. */
  readonly name: string;
  /** What it keeps from step to step, if anything: made once per training. */
  state?(setting: MethodSetting): S;
  /** Steps from one in which `views.due` is true to the next; 1 if left out. */
  readonly interval?: number;
  /**
   * Numbers per example, (N,), that the method decides before the attack, which sees
   * them, and so do the terms, among what was recorded. The views are the attack's.
   */
  plan?(views: Views, state?: S): Readonly<Record<string, Tensor>>;
  /** What the attack maximizes, (N,); absent where training needs no attack. */
  surrogate?(views: Views, state?: S): Tensor;
  /** Scalars to minimize the sum of, under the names that are logged. */
  terms(views: Views, state?: S): Readonly<Record<string, Tensor>>;
}

/** A term that can be added to any objective. */
export interface Regularizer<S extends MethodState = MethodState> {
  /** The term's name in logs. */
  readonly name: string;
  /** What it keeps from step to step, if anything: made once per training. */
  state?(setting: MethodSetting): S;
  /** A scalar to add to the loss. */
  term(views: Views, state?: S): Tensor;
}

/**
 * An objective with the terms of regularizers added. Several of one name are told
 * apart by numbers: `relation`, `relation 2`.
 */
export function regularized(
  base: Objective,
  ...regularizers: readonly Regularizer[]
): Objective {
  const added = numbered(regularizers);
  return {
    ...base,
    name: [base.name, ...added.map(([name]) => name)].join(" + "),
    state: (setting) =>
      added.reduce((state, [name, regularizer]) => ({
        ...state,
        ...statePrefixed(`${name}.`, regularizer.state?.(setting) ?? {}),
      }), base.state?.(setting) ?? {}),
    terms(views, state = {}) {
      // The base comes first: it decides the order of the student's forwards.
      const terms: Record<string, Tensor> = { ...base.terms(views, state) };
      for (const [name, regularizer] of added) {
        terms[name] = regularizer.term(views, stateUnder(`${name}.`, state));
      }
      return terms;
    },
  };
}

/** Regularizers under names that no two share. */
function numbered(
  regularizers: readonly Regularizer[],
): (readonly [string, Regularizer])[] {
  const seen = new Map<string, number>();
  return regularizers.map((regularizer) => {
    const { name } = regularizer;
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return [nth === 1 ? name : `${name} ${nth}`, regularizer];
  });
}
