// Experiments as plain data, and the objects that are built from them: the part of the
// library that repeats published results.

export {
  buildAttack,
  buildNetwork,
  buildObjective,
  buildTraining,
} from "../step/build.ts";
export {
  buildEnsemble,
  type EnsembleConfig,
  namedEnsemble,
} from "../config/ensemble_config.ts";
export type {
  ArchitectureConfig,
  AttackConfig,
  AveragingConfig,
  DataConfig,
  EvaluationConfig,
  Experiment,
  Fraction,
  IterationConfig,
  ObjectiveConfig,
  OptimizerConfig,
  PretrainedConfig,
  RegularizerConfig,
  ReportedResult,
  StudentConfig,
  TeacherConfig,
  TrainingAttackConfig,
  TrainingOnlyAttackConfig,
  UnlabeledConfig,
  WeightPerturbationConfig,
} from "../config/experiment.ts";
export { recipe, RECIPES } from "../recipes/mod.ts";
export type { TunedAlgorithms } from "../gpu/target.ts";
export type {
  ExtraConfig,
  TeacherFeaturesConfig,
} from "../config/added_data.ts";
export type {
  AdamWConfig,
  DescentConfig,
  LearningRateSchedule,
  SgdConfig,
} from "../config/optimizer.ts";
export type { DatasetConfig } from "../data/dataset_kind.ts";
export type { NetworkConfig } from "../nn/network_kind.ts";
export type { MethodConfig } from "../methods/kind.ts";
export type { FrpatConfig } from "../methods/regularizers/frpat.ts";
export type { LbgatConfig } from "../methods/objectives/lbgat.ts";
export type { Normalization } from "../nn/normalized.ts";
export type { BallConfig } from "../methods/attacks/iteration.ts";
export type { RestartsConfig } from "../methods/attacks/restarted.ts";
export type { CurriculumPgdConfig } from "../methods/attacks/curriculum_pgd.ts";
export type { FriendlyPgdConfig } from "../methods/attacks/friendly_pgd.ts";
export type { NFgsmConfig } from "../methods/attacks/n_fgsm.ts";
export type { StrategicPgdConfig } from "../methods/attacks/strategic_pgd.ts";
export type { TargetedPgdConfig } from "../methods/attacks/targeted_pgd.ts";
export type { StrategyConfig } from "../methods/objectives/las_kinds.ts";
export type {
  AugmentationConfig,
  Hyperparameters,
} from "../config/hyperparameters.ts";
export type { Method, Training, UnlabeledMethod } from "../step/method.ts";
