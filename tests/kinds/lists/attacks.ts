// The attacks and one more of each list.

import { type Field, union } from "../../../src/base/fields.ts";
import type { AttackKind, RoundAttackKind } from "../../../src/methods/kind.ts";
import {
  ATTACKS as LISTED,
  ROUND_ATTACKS as LISTED_ROUND_ATTACKS,
  TRAINING_ONLY_ATTACKS as LISTED_TRAINING_ONLY,
} from "../../../src/methods/attacks.ts";
import { TOY_ATTACK, TOY_ROUND_ATTACK, TOY_TRAINING_ATTACK } from "../toys.ts";

export * from "../../../src/methods/attacks.ts";

type Attacks = Readonly<Record<string, AttackKind>>;

export const ATTACKS: Attacks = { ...LISTED, "toy-light": TOY_ATTACK };
export const TRAINING_ONLY_ATTACKS: Attacks = {
  ...LISTED_TRAINING_ONLY,
  "toy-noise": TOY_TRAINING_ATTACK,
};
export const ROUND_ATTACKS: Readonly<Record<string, RoundAttackKind>> = {
  ...LISTED_ROUND_ATTACKS,
  "toy-dark": TOY_ROUND_ATTACK,
};
export const TRAINING_ATTACKS: Attacks = {
  ...ATTACKS,
  ...TRAINING_ONLY_ATTACKS,
};
export const ATTACK: Field = union("method", ATTACKS);
