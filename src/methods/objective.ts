// A training method is an equation: a surrogate that the attack maximizes, and
// named terms whose sum training minimizes. Regularizers add a term each.

import type { Tensor } from "../graph/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { Regularizer } from "./regularizer.ts";
import {
  created,
  isStateful,
  type MethodModules,
  type MethodSetting,
  type Stateful,
} from "./stateful.ts";
import type { StepHooks } from "./step_hooks.ts";
import type { StrategyLearner } from "./strategy_learner.ts";
import type { Views } from "./views.ts";

/** min over the student of the sum of `terms`, at the images that maximize `surrogate`. */
export interface Objective {
  /** As the literature calls the method. */
  readonly name: string;
  /** Its own modules, which are kept from step to step. */
  readonly modules?: MethodModules;
  /** The surrogate that the attack maximizes, (N,); absent for training without an attack. */
  surrogate?(views: Views): Tensor;
  /** The terms of the loss: scalars, by their names in logs. Training minimizes their sum. */
  terms(views: Views, hooks: StepHooks): Readonly<Record<string, Tensor>>;
  /** Chooses the attack on each example; absent in most objectives. */
  readonly strategy?: StrategyLearner;
}

/**
 * Adds the terms of regularizers to an objective. Terms of equal names get numbers:
 * `relation`, `relation 2`. The result is stateful if one of them is.
 */
export function regularized(
  base: Objective,
  ...regularizers: readonly Regularizer[]
): Objective;
/** The same where some are stateful: an objective to be created. */
export function regularized(
  base: Objective | Stateful<Objective>,
  ...regularizers: readonly (Regularizer | Stateful<Regularizer>)[]
): Objective | Stateful<Objective>;
export function regularized(
  base: Objective | Stateful<Objective>,
  ...regularizers: readonly (Regularizer | Stateful<Regularizer>)[]
): Objective | Stateful<Objective> {
  const names = numbered(regularizers.map(({ name }) => name));
  const name = [base.name, ...names].join(" + ");
  if ([base, ...regularizers].some(isStateful)) {
    const create = (setting: MethodSetting) =>
      regularized(
        created(base, setting),
        ...regularizers.map((regularizer) => created(regularizer, setting)),
      );
    return { name, create };
  }
  const added = (regularizers as readonly Regularizer[])
    .map((regularizer, i) => [names[i]!, regularizer] as const);
  return { ...sumOf(base as Objective, added), name };
}

/** An objective and regularizers, which have different names. */
function sumOf(
  base: Objective,
  added: readonly (readonly [name: string, Regularizer])[],
): Objective {
  const modules: Record<string, Module> = { ...base.modules };
  for (const [name, regularizer] of added) {
    for (const [key, module] of Object.entries(regularizer.modules ?? {})) {
      modules[`${name}.${key}`] = module;
    }
  }
  return {
    ...base,
    modules,
    terms(views, hooks) {
      // The base comes first: it decides the order of the student's forwards.
      const terms: Record<string, Tensor> = { ...base.terms(views, hooks) };
      for (const [name, regularizer] of added) {
        terms[name] = regularizer.term(views, hooks);
      }
      return terms;
    },
  };
}

/** The names, with numbers behind those that came before. */
function numbered(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return nth === 1 ? name : `${name} ${nth}`;
  });
}
