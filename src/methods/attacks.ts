// The lists of attacks, one line each, beside the unions of their configurations: attacks
// that measure robustness and may be trained with; attacks for training only, which do not
// measure robustness within the ball; and the members of AutoAttack. The compiler refuses
// a kind without its line in the union, and the other way round.

import { type Field, union } from "../base/fields.ts";
import { APGD_CE, APGD_DLR } from "./attacks/apgd.ts";
import { APGD_T } from "./attacks/apgd_targeted.ts";
import {
  CURRICULUM_PGD,
  type CurriculumPgdConfig,
} from "./attacks/curriculum_pgd.ts";
import { FAB, FAB_T } from "./attacks/fab.ts";
import { FGSM, FGSM_RANDOM_START } from "./attacks/fgsm.ts";
import {
  FRIENDLY_PGD,
  type FriendlyPgdConfig,
} from "./attacks/friendly_pgd.ts";
import { MIM, type MimOptions } from "./attacks/mim.ts";
import { N_FGSM, type NFgsmConfig } from "./attacks/n_fgsm.ts";
import { PGD } from "./attacks/pgd.ts";
import { CW } from "./attacks/cw.ts";
import { PGD_RESTARTS, type RestartsConfig } from "./attacks/restarted.ts";
import { SQUARE } from "./attacks/square.ts";
import {
  STRATEGIC_PGD,
  type StrategicPgdConfig,
} from "./attacks/strategic_pgd.ts";
import {
  TARGETED_PGD,
  type TargetedPgdConfig,
} from "./attacks/targeted_pgd.ts";
import type { BallConfig, IterationConfig } from "./attacks/iteration.ts";
import type { AttackKind, MethodConfig, RoundAttackKind } from "./kind.ts";

/** The configuration of an attack that measures robustness. */
export type AttackConfig =
  | MethodConfig<"pgd", IterationConfig>
  | MethodConfig<"pgd-restarts", RestartsConfig>
  | MethodConfig<"cw", RestartsConfig>
  | MethodConfig<"targeted-pgd", TargetedPgdConfig>
  | MethodConfig<"mim", IterationConfig & Pick<MimOptions, "decay">>
  | MethodConfig<"fgsm", BallConfig>
  | MethodConfig<"fgsm-rs", Omit<IterationConfig, "steps" | "start">>;

/** The attacks that measure robustness. */
export const ATTACKS: {
  readonly [M in AttackConfig["method"]]: AttackKind<
    Extract<AttackConfig, { readonly method: M }>
  >;
} = {
  "pgd": PGD,
  "pgd-restarts": PGD_RESTARTS,
  "cw": CW,
  "targeted-pgd": TARGETED_PGD,
  "mim": MIM,
  "fgsm": FGSM,
  "fgsm-rs": FGSM_RANDOM_START,
};

/** The configuration of an attack for training only. */
export type TrainingOnlyAttackConfig =
  | NFgsmConfig
  | FriendlyPgdConfig
  | StrategicPgdConfig
  | CurriculumPgdConfig;

/** The attacks that are for training alone. */
export const TRAINING_ONLY_ATTACKS: {
  readonly [M in TrainingOnlyAttackConfig["method"]]: AttackKind<
    Extract<TrainingOnlyAttackConfig, { readonly method: M }>
  >;
} = {
  "n-fgsm": N_FGSM,
  "friendly-pgd": FRIENDLY_PGD,
  "strategic-pgd": STRATEGIC_PGD,
  "curriculum-pgd": CURRICULUM_PGD,
};

/** The attacks that AutoAttack is made of. */
export type MemberName =
  | "apgd-ce"
  | "apgd-dlr"
  | "apgd-t"
  | "fab"
  | "fab-t"
  | "square";

/** The members of AutoAttack. */
export const ROUND_ATTACKS: { readonly [N in MemberName]: RoundAttackKind<N> } =
  {
    "apgd-ce": APGD_CE,
    "apgd-dlr": APGD_DLR,
    "apgd-t": APGD_T,
    "fab": FAB,
    "fab-t": FAB_T,
    "square": SQUARE,
  };

/** The attacks that training may run. */
export const TRAINING_ATTACKS: typeof ATTACKS & typeof TRAINING_ONLY_ATTACKS = {
  ...ATTACKS,
  ...TRAINING_ONLY_ATTACKS,
};

/** The field of an attack that measures robustness. */
export const ATTACK: Field = union("method", ATTACKS);
