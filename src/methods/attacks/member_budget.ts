// The numbers that AutoAttack fixes for all of its attacks together.

import { type Fields, whole } from "../../base/fields.ts";

/** Numbers that the standard version fixes. */
export interface MemberBudget {
  /** Steps of Auto-PGD and FAB: 100. */
  readonly steps: number;
  /** Starts of Auto-PGD on untargeted losses, and of FAB: 1, in `plus` 5. */
  readonly restarts: number;
  /** Classes that targeted attacks aim at: 9, or as many wrong ones as there are. */
  readonly targets: number;
  /** Predictions that Square asks for after the first: 5,000. */
  readonly queries: number;
  /** Passes whose gradients Auto-PGD averages: 1, in `rand` 20. */
  readonly samples: number;
}

/** The fields of a {@linkcode MemberBudget}. */
export const MEMBER_BUDGET: Fields<MemberBudget> = {
  steps: whole({ least: 1, about: "steps of Auto-PGD and FAB" }),
  restarts: whole({ least: 1, about: "starts of untargeted attacks" }),
  targets: whole({ least: 1, about: "classes that targeted attacks aim at" }),
  queries: whole({ least: 1, about: "predictions that Square asks for" }),
  samples: whole({ least: 1, about: "passes whose gradients are averaged" }),
};
