// Attacks, and the types to write new ones with: the public part of this folder.

export type { Ascent, AscentParams } from "../../ops/attack/perturb.ts";
export type { Ball } from "../../ops/attack/project.ts";
export type { RandomKey } from "../../ops/random/random.ts";
export { apgd, type ApgdLoss, type ApgdOptions } from "./apgd.ts";
export { apgdTargeted, type ApgdTargetedOptions } from "./apgd_targeted.ts";
export type { Attack, AttackInputs } from "../attack.ts";
export {
  autoAttack,
  type AutoAttackOptions,
  type AutoAttackVersion,
  type Ensemble,
  type EnsembleMembers,
} from "./auto_attack.ts";
export type { MemberName } from "../attacks.ts";
export type { MemberBudget } from "./member_budget.ts";
export {
  type Curriculum,
  curriculumPgd,
  type CurriculumPgdOptions,
} from "./curriculum_pgd.ts";
export { cw } from "./cw.ts";
export { earlyStoppedPgd, type EarlyStopping } from "./early_stopped_pgd.ts";
export {
  fab,
  type FabOptions,
  fabTargeted,
  type FabTargetedOptions,
} from "./fab.ts";
export { fgsm, fgsmRandomStart } from "./fgsm.ts";
export { friendlyPgd, type FriendlyPgdOptions } from "./friendly_pgd.ts";
export { mim, type MimOptions } from "./mim.ts";
export { nFgsm, type NFgsmOptions } from "./n_fgsm.ts";
export {
  type AttackStart,
  pgd,
  type PgdOptions,
  startingPoint,
} from "./pgd.ts";
export { restarted } from "./restarted.ts";
export {
  type Candidate,
  inRounds,
  type Round,
  type RoundAttack,
} from "../round_attack.ts";
export { square, type SquareOptions } from "./square.ts";
export { strategicPgd, type StrategicPgdOptions } from "./strategic_pgd.ts";
export {
  targetedPgd,
  type TargetedPgdOptions,
  type TargetRank,
} from "./targeted_pgd.ts";
export {
  ATTACK_STRATEGY,
  type AttackStrategy,
  Signal,
  SURVIVAL_RATE,
} from "../signal.ts";
export { l2, linf, type Norm, type ThreatModel } from "../threat_model.ts";
