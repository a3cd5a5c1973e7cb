// Ensembles of attacks as plain data, with every number written out, and by the names in
// the literature.

import { choice, type Field, list, object } from "../base/fields.ts";
import { type MemberName, ROUND_ATTACKS } from "../methods/attacks.ts";
import {
  autoAttack,
  type AutoAttackVersion,
  type Ensemble,
  VERSIONS,
} from "../methods/attacks/auto_attack.ts";
import {
  BALL,
  type BallConfig,
  checkBall,
  threatOf,
} from "../methods/attacks/iteration.ts";
import {
  MEMBER_BUDGET,
  type MemberBudget,
} from "../methods/attacks/member_budget.ts";
import type { EvaluationConfig } from "./experiment.ts";

/** An ensemble of attacks, or one of them alone. */
export interface EnsembleConfig extends BallConfig, MemberBudget {
  /** Tells it from other attacks. */
  readonly method: "autoattack";
  /** The version whose attacks and numbers these are; "custom" for any others. */
  readonly version: AutoAttackVersion | "custom";
  /** In the order to run them. */
  readonly attacks: readonly MemberName[];
}

/** Ensembles by the names that tables have for them. */
export type NamedEnsembles = Readonly<Record<string, EnsembleConfig>>;

const STANDARD: MemberBudget = {
  steps: 100,
  restarts: 1,
  targets: 9,
  queries: 5000,
  samples: 1,
};

/** The numbers in which versions differ. */
const VERSION_BUDGETS: Readonly<
  Record<AutoAttackVersion, Partial<MemberBudget>>
> = { standard: {}, plus: { restarts: 5 }, rand: { samples: 20 } };

const MEMBERS = Object.keys(ROUND_ATTACKS) as readonly MemberName[];

/** The field of an ensemble. */
export const ENSEMBLE: Field = object<EnsembleConfig>({
  method: choice(["autoattack"]),
  version: choice([...Object.keys(VERSIONS), "custom"], {
    about: "whose attacks and numbers these are",
  }),
  ...BALL,
  attacks: list(choice(MEMBERS), {
    least: 1,
    about: "in the order to run them",
  }),
  ...MEMBER_BUDGET,
}, { check: checkBall });

/** Every name that {@linkcode namedEnsemble} knows. */
export const ENSEMBLE_NAMES: readonly string[] = [
  "autoattack",
  "autoattack-plus",
  "autoattack-rand",
  ...MEMBERS,
];

/**
 * AutoAttack by its versions, or one of its attacks alone, in the ball that an
 * experiment is evaluated in; null for any other name.
 */
export function namedEnsemble(
  name: string,
  { attacks }: Pick<EvaluationConfig, "attacks">,
): EnsembleConfig | null {
  const [first] = Object.values(attacks);
  if (!first || !ENSEMBLE_NAMES.includes(name)) return null;
  const { norm, epsilon } = first;
  const ball = { method: "autoattack", norm, epsilon, ...STANDARD } as const;
  const member = MEMBERS.find((one) => one === name);
  if (member) return { ...ball, version: "custom", attacks: [member] };
  const version = (name.split("-")[1] ?? "standard") as AutoAttackVersion;
  const budget = VERSION_BUDGETS[version];
  return { ...ball, ...budget, version, attacks: VERSIONS[version] };
}

/**
 * The ensemble of a configuration.
 *
 * @throws {RangeError} for a number that no attack can have.
 */
export function buildEnsemble(config: EnsembleConfig): Ensemble {
  const { method: _, norm, epsilon, version, ...rest } = config;
  return autoAttack({
    ...rest,
    threat: threatOf({ norm, epsilon }),
    ...version === "custom" ? {} : { version },
  });
}
