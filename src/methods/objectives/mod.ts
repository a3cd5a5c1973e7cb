// Training methods and regularizers, and the types to write new ones with: the public part
// of this folder.

export type { RandomKey } from "../../ops/random/random.ts";
export type { ImagesByClass } from "../../ops/random/sample_negatives.ts";
export type {
  RelationOptions,
  RelationProbabilityParams,
} from "../../ops/relation/relation.ts";
export {
  absoluteRelation,
  type AbsoluteRelationOptions,
} from "../regularizers/absolute_relation.ts";
export { alp, type AlpOptions } from "./alp.ts";
export { crd, type CrdOptions } from "../regularizers/crd.ts";
export { type EpochSchedule, scheduleAt } from "../epoch_schedule.ts";
export {
  frpat,
  type FrpatOptions,
  type FrpatReadings,
} from "../regularizers/frpat.ts";
export { gairat, type GairatOptions, geometryWeights } from "./gairat.ts";
export { las, type LasOptions } from "./las.ts";
export type { StrategyDescent, StrategyReward } from "./las_reward.ts";
export { labelFree } from "./label_free.ts";
export { lbgat, type LbgatBase, type LbgatOptions } from "./lbgat.ts";
export { mart, type MartOptions } from "./mart.ts";
export { mca, type McaOptions } from "../regularizers/mca.ts";
export { type Objective, regularized } from "../objective.ts";
export type { Regularizer } from "../regularizer.ts";
export { Signal, SURVIVAL_RATE } from "../signal.ts";
export type { MethodModules, MethodSetting, Stateful } from "../stateful.ts";
export type { AuxiliaryLoss, NextStudent, StepHooks } from "../step_hooks.ts";
export type { StrategyLearner } from "../strategy_learner.ts";
export type { Views } from "../views.ts";
export { pkt, type PktOptions } from "../regularizers/pkt.ts";
export { rkd, type RkdOptions } from "../regularizers/rkd.ts";
export { standard } from "./standard.ts";
export { trades, type TradesOptions } from "./trades.ts";
export { vanillaAt } from "./vanilla_at.ts";
