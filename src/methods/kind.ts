// The description of a kind of objective, regularizer or attack: its name and fields in an
// experiment, its needs, and the function that creates it. `objectives.ts`,
// `regularizers.ts` and `attacks.ts` list all kinds; settings, checks and help follow from
// the lists.

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

/** The description of any kind of method. */
export interface MethodKind<C extends Method = Method> {
  /** Its name in an experiment. */
  readonly method: C["method"];
  /** A short description. */
  readonly about: string;
  /** Its options. */
  readonly fields: Fields<Omit<C, "method">>;
  /** Checks options against each other; each one is valid by itself. */
  check?(config: C): Mismatch | null;
  /** A sentence about what can be meant, but hardly is; null where all is well. */
  doubt?(config: C): string | null;
}

/** An ability that only some attacks have, and some objectives need. */
export type AttackSignal =
  /** Records the survival rate of each example. */
  | "survival"
  /** Follows a strategy that the objective chooses for each example. */
  | "strategy";

/** Creates other methods and networks, for kinds that consist of others. */
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
  /** Its needs. */
  readonly needs: {
    /** Whether it uses a teacher; "features" if nothing but its features. */
    readonly teacher: boolean | "features";
    /** Whether it uses labels. */
    readonly labels: boolean;
    /** Whether it needs an attack, or an attack with an ability. */
    readonly attack: boolean | AttackSignal;
  };
  /**
   * Whether a term of the student is a cross-entropy with hard labels, which label
   * smoothing changes; it is if left out.
   */
  smooths?(config: C): boolean;
  /** Checks the configuration against that of the attack. */
  fits?(config: C, attack: Method): Mismatch | null;
  /** The radius and the step size as text, if the objective chooses them. */
  budget?(
    config: C,
  ): { readonly epsilon: string; readonly stepSize: string };
  /** Makes the objective. */
  create(config: C, build: Builders): Objective | Stateful<Objective>;
}

/** A kind of regularizer. */
export interface RegularizerKind<C extends Method = Method>
  extends MethodKind<C> {
  /** Its needs. */
  readonly needs: {
    /** Whether it uses a teacher; "features" if nothing but its features. */
    readonly teacher: boolean | "features";
    /** Whether it uses labels. */
    readonly labels: boolean;
  };
  /** Makes the regularizer. */
  create(config: C): Regularizer | Stateful<Regularizer>;
}

/** A kind of attack. */
export interface AttackKind<C extends Method = Method> extends MethodKind<C> {
  /** Its needs. */
  readonly needs: {
    /** Whether it uses labels itself. */
    readonly labels: boolean;
  };
  /** An ability that some objectives need. */
  readonly signal?: AttackSignal;
  /** The start of the search as text, and whether it is random. */
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
  /** Its name in an experiment. */
  readonly method: N;
  /** A short description. */
  readonly about: string;
  /** Whether it aims at one class after the other. */
  readonly targeted: boolean;
  /** Makes the attack. */
  create(threat: ThreatModel, budget: MemberBudget): RoundAttack;
}
