// AutoAttack (Croce and Hein, 2020): attacks of different kinds, one after the other,
// each on the images that those before it have not broken. Leaderboards compare robustness
// by the standard version, which has no parameters to tune: Auto-PGD on the cross-entropy and on the targeted difference of logits ratio, targeted FAB, and
// Square, in this order and with these budgets.
//
// The versions and budgets are those of the authors' code: `plus` adds the untargeted
// attacks with five starts, and `rand` averages the gradients of 20 passes for
// networks that draw random numbers.

import { type MemberName, ROUND_ATTACKS } from "../attacks.ts";
import { MEMBER_BUDGET, type MemberBudget } from "./member_budget.ts";
import { checked } from "../../base/check_fields.ts";
import type { RoundAttack } from "../round_attack.ts";
import type { ThreatModel } from "../threat_model.ts";

/** The ensembles that have a name. */
export type AutoAttackVersion = "standard" | "plus" | "rand";

/** Options of {@linkcode autoAttack}. */
export interface AutoAttackOptions extends Partial<MemberBudget> {
  /** How far an image may move, and in which norm. */
  readonly threat: ThreatModel;
  /** Which ensemble; "standard" if left out. */
  readonly version?: AutoAttackVersion;
  /** Other attacks than the version's, in the order to run them. */
  readonly attacks?: readonly MemberName[];
}

/** Attacks to run one after the other, on the images that no earlier one broke. */
export interface Ensemble {
  /** How far an image may move, and in which norm. */
  readonly threat: ThreatModel;
  /** Whether the network is said to draw random numbers. */
  readonly randomized: boolean;
  /** The attacks that a network of so many classes can be given. */
  members(classes: number): EnsembleMembers;
}

/** The attacks, and warnings about those that are left out. */
export interface EnsembleMembers {
  /** In the order to run them. */
  readonly attacks: readonly RoundAttack[];
  /** A sentence each. */
  readonly warnings: readonly string[];
}

/** The members of each version, in order. */
export const VERSIONS: Readonly<
  Record<AutoAttackVersion, readonly MemberName[]>
> = {
  standard: ["apgd-ce", "apgd-t", "fab-t", "square"],
  plus: ["apgd-ce", "apgd-dlr", "fab", "square", "apgd-t", "fab-t"],
  rand: ["apgd-ce", "apgd-dlr"],
};

/** The ensemble of a version, or of chosen attacks. */
export function autoAttack(options: AutoAttackOptions): Ensemble {
  const { threat, version = "standard" } = options;
  const names = options.attacks ?? VERSIONS[version];
  const budget: MemberBudget = {
    steps: options.steps ?? 100,
    restarts: options.restarts ?? (version === "plus" ? 5 : 1),
    targets: options.targets ?? 9,
    queries: options.queries ?? 5000,
    samples: options.samples ?? (version === "rand" ? 20 : 1),
  };
  checked({ method: "autoattack", fields: MEMBER_BUDGET }, budget);
  return {
    threat,
    randomized: version === "rand",
    members: (classes) => membersFor(names, { threat, budget, classes }),
  };
}

interface Choice {
  readonly threat: ThreatModel;
  readonly budget: MemberBudget;
  readonly classes: number;
}

function membersFor(
  names: readonly MemberName[],
  choice: Choice,
): EnsembleMembers {
  const { classes } = choice;
  const warnings: string[] = [];
  const attacks = names.flatMap((name) => {
    const { targeted, create } = ROUND_ATTACKS[name];
    const targets = Math.min(choice.budget.targets, classes - 1);
    const budget = { ...choice.budget, targets };
    const attack = create(choice.threat, budget);
    if (classes < attack.leastClasses) {
      warnings.push(
        `${name} is left out: it needs at least ${attack.leastClasses} classes, ` +
          `and there are ${classes}`,
      );
      return [];
    }
    if (targeted && targets < choice.budget.targets) {
      warnings.push(
        `${name} aims at ${targets} instead of ${choice.budget.targets} ` +
          `classes, since there are ${classes}`,
      );
    }
    return [attack];
  });
  return { attacks, warnings };
}
