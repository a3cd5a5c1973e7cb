// Experiments as plain data, by name or the caller's own, and the objects that
// become of them: the part of the library that repeats published results.

export {
  buildAttack,
  buildNetwork,
  buildObjective,
  buildTraining,
} from "./build.ts";
export {
  buildEnsemble,
  type EnsembleConfig,
  namedEnsemble,
} from "./ensemble_config.ts";
export type {
  ArchitectureConfig,
  AttackConfig,
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
  TeacherConfig,
  TrainingAttackConfig,
  TrainingSettings,
  UnlabeledConfig,
  WeightPerturbationConfig,
} from "./experiment.ts";
export { recipe, RECIPES } from "./recipes.ts";
export type { LearningRateSchedule } from "./schedule.ts";
export type { StrategyConfig } from "./strategy.ts";
export type {
  CurriculumPgdConfig,
  FriendlyPgdConfig,
  NFgsmConfig,
  StrategicPgdConfig,
  TrainingOnlyAttackConfig,
} from "./training_only_attack.ts";
export type {
  TrainingMethod,
  TrainingSetup,
  WithheldMethod,
} from "./training_setup.ts";
