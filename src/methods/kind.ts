// What a kind of objective, regularizer or attack says of itself: its name and fields
// in an experiment, what it needs, and the function that makes it. The lists in
// `objectives.ts`, `regularizers.ts` and `attacks.ts` name all kinds; settings, checks,
// help and building follow from them.

import type { Fields, Mismatch } from "../base/fields.ts";
import type { Network } from "../nn/network.ts";
import type { Attack } from "./attack.ts";
import type { MemberBudget } from "./attacks/member_budget.ts";
import type { NamedSetting } from "./attacks/iteration.ts";
import type { Objective } from "./objective.ts";
import type { Regularizer } from "./regularizer.ts";
import type { Stateful } from "./stateful.ts";
import type { RoundAttack } from "./round_attack.ts";
import type { ThreatModel } from "./threat_model.ts";

/** A configuration of a kind: its name, and its options. */
export interface Method {
  /** The kind's name. */
  readonly method: string;
}

/** A configuration by the name of its kind, with every option written out. */
export type MethodConfig<N extends string, O extends object = object> =
  & { readonly method: N }
  & Required<O>;

/** What is said of any kind. */
export interface MethodKind<C extends Method = Method> {
  /** As it stands in an experiment. */
  readonly method: C["method"];
  /** What it is, in a few words. */
  readonly about: string;
  /** Its options. */
  readonly fields: Fields<Omit<C, "method">>;
  /** What is wrong between its options, each of which is right by itself. */
  check?(config: C): Mismatch | null;
  /** A sentence about what can be meant, but hardly is; null where all is well. */
  doubt?(config: C): string | null;
}

/** What only some attacks do for an objective. */
export type AttackSignal =
  /** Records how long each example held. */
  | "survival"
  /** Follows a budget that the objective plans for every example. */
  | "plan";

/** What other kinds are made by, for those that are made of others. */
export interface Builders {
  /** The network of a configuration. */
  network(
    config: { readonly network: string },
    options: { readonly classes: number },
  ): Network;
  /** The attack of a configuration. */
  attack(config: Method): Attack;
}

/** A kind of objective. */
export interface ObjectiveKind<C extends Method = Method>
  extends MethodKind<C> {
  /** What it cannot do without. */
  readonly needs: {
    /** Whether it looks at a teacher. */
    readonly teacher: boolean;
    /** Whether it looks at labels. */
    readonly labels: boolean;
    /** Whether it needs an attack, or one that does something for it. */
    readonly attack: boolean | AttackSignal;
  };
  /** What does not fit the attack, whose signal is right. */
  fits?(config: C, attack: Method): Mismatch | null;
  /** The radius and the step size in words, where the objective plans them. */
  budget?(
    config: C,
  ): { readonly epsilon: string; readonly stepSize: string };
  /** Makes the objective. */
  create(config: C, build: Builders): Objective | Stateful<Objective>;
}

/** A kind of regularizer. */
export interface RegularizerKind<C extends Method = Method>
  extends MethodKind<C> {
  /** What it cannot do without. */
  readonly needs: {
    /** Whether it looks at a teacher. */
    readonly teacher: boolean;
    /** Whether it looks at labels. */
    readonly labels: boolean;
  };
  /** Makes the regularizer. */
  create(config: C): Regularizer | Stateful<Regularizer>;
}

/** A kind of attack. */
export interface AttackKind<C extends Method = Method> extends MethodKind<C> {
  /** What it cannot do without. */
  readonly needs: {
    /** Whether it looks at labels itself. */
    readonly labels: boolean;
  };
  /** What it does for an objective that asks for it. */
  readonly signal?: AttackSignal;
  /** Where the search begins, in words, and whether at random. */
  start(config: C): { readonly text: string; readonly random: boolean };
  /** Names such as "pgd-STEPS" by which `evaluate` knows it; null outside a setting. */
  readonly names?: Readonly<
    Record<
      string,
      (setting: NamedSetting, ...numbers: readonly number[]) => C | null
    >
  >;
  /** Makes the attack. */
  create(config: C): Attack;
}

/** A kind of attack in rounds, a member of AutoAttack. */
export interface RoundAttackKind<N extends string = string> {
  /** As it stands in an experiment. */
  readonly method: N;
  /** What it is, in a few words. */
  readonly about: string;
  /** Whether it aims at one class after the other. */
  readonly targeted: boolean;
  /** Makes the attack. */
  create(threat: ThreatModel, budget: MemberBudget): RoundAttack;
}
