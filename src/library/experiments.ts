// Experiments as plain data, by name or the caller's own, and the objects that
// become of them: the part of the library that repeats published results.

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
  UnlabeledConfig,
  WeightPerturbationConfig,
} from "../config/experiment.ts";
export { recipe, RECIPES } from "../recipes/mod.ts";
export type { LearningRateSchedule } from "../config/schedule.ts";
export type { StrategyConfig } from "../config/strategy.ts";
export type {
  CurriculumPgdConfig,
  FriendlyPgdConfig,
  NFgsmConfig,
  StrategicPgdConfig,
  TrainingOnlyAttackConfig,
} from "../config/training_only_attack.ts";
export type { Hyperparameters } from "../step/hyperparameters.ts";
export type { Method, Training, UnlabeledMethod } from "../step/method.ts";
