// One experiment as plain data: everything that decides a result, fully written
// out, in JSON. A run stores it, so that a result can be read and repeated.
//
// The kinds of data sets, networks, objectives, regularizers and attacks are listed in
// `src/data/datasets.ts`, `src/nn/networks.ts`, and `objectives.ts`,
// `regularizers.ts` and `attacks.ts` of `src/methods`. Numbers that papers print as
// fractions stay text ("8/255"): 0.031 and 8/255 are different experiments.

import type { DataConfig } from "../data/datasets.ts";
import type {
  AttackConfig,
  TrainingOnlyAttackConfig,
} from "../methods/attacks.ts";
import type { ObjectiveConfig } from "../methods/objectives.ts";
import type { RegularizerConfig } from "../methods/regularizers.ts";
import type { ArchitectureConfig } from "../nn/networks.ts";
import type { Normalization } from "../nn/normalized.ts";
import type { ExtraConfig, TeacherFeaturesConfig } from "./added_data.ts";
import type { AveragingConfig } from "./averaging.ts";
import type { Hyperparameters } from "./hyperparameters.ts";
import type { PretrainedConfig } from "./pretrained.ts";
import type { WeightPerturbationConfig } from "./weight_perturbation.ts";

export { type Fraction, fractionValue } from "../base/fraction.ts";
export type { DataConfig } from "../data/datasets.ts";
export type {
  AttackConfig,
  TrainingOnlyAttackConfig,
} from "../methods/attacks.ts";
export type { IterationConfig } from "../methods/attacks/iteration.ts";
export type { ObjectiveConfig } from "../methods/objectives.ts";
export type { RegularizerConfig } from "../methods/regularizers.ts";
export type { ArchitectureConfig } from "../nn/networks.ts";
export type { AveragingConfig } from "./averaging.ts";
export type { OptimizerConfig } from "./optimizer.ts";
export type { Hyperparameters } from "./hyperparameters.ts";
export type { PretrainedConfig } from "./pretrained.ts";
export type { WeightPerturbationConfig } from "./weight_perturbation.ts";

/** A network, and what its images are normalized by; by nothing if left out. */
export type StudentConfig = ArchitectureConfig & {
  readonly normalization?: Normalization;
};

/**
 * The standard network M, trained beside the student by cross-entropy on clean images,
 * from random or pretrained values.
 */
export type TeacherConfig = StudentConfig & {
  readonly pretrained?: PretrainedConfig;
};

/** Training on images without labels, beside the labeled ones. */
export interface UnlabeledConfig {
  /** The fraction of the training images, above 0 and below 1; equal for all seeds. */
  readonly fraction?: number;
  /**
   * Other images in place of a fraction: a folder, whose folders do not matter, a .npy
   * or safetensors file, or a data set's name.
   */
  readonly from?: string;
  /** Such images per step, beside those with labels. */
  readonly batchSize: number;
  /** The terms on them, whose attack maximizes the divergence of predictions. */
  readonly regularizers: readonly RegularizerConfig[];
}

/** An attack that training runs, and batch norm's mode in it. */
export type TrainingAttackConfig =
  & (AttackConfig | TrainingOnlyAttackConfig)
  & { readonly mode: "eval" | "train" };

/** When and how networks are evaluated during and after training. */
export interface EvaluationConfig {
  /**
   * Training images held out to choose the best epoch by; never trained on. With 0 all
   * are trained on, and the last epoch counts as the best, unless `selection` is "test".
   */
  readonly validation: number;
  /**
   * Which images choose the best epoch; "held-out" if left out. "test", as papers do it,
   * makes the best epoch's figures optimistic.
   */
  readonly selection?: "held-out" | "test";
  /** Test images, from the start, that evaluations in training measure; 0 if left out. */
  readonly curve?: number;
  /** Epochs between checkpoints that are kept; none are if left out. */
  readonly keep?: number;
  /** Epochs between evaluations on the held-out images. */
  readonly every: number;
  /** Images that are attacked at once. */
  readonly batchSize: number;
  /** Named attacks; the first one's accuracy chooses the best epoch. */
  readonly attacks: Readonly<Record<string, AttackConfig>>;
}

/** Accuracies that a paper reports for this experiment, in percent. */
export interface ReportedResult {
  /** Where they stand: "Table 1, TRADES + Ours". */
  readonly source: string;
  /** Accuracy on clean images. */
  readonly clean?: number;
  /** Accuracy under 20 steps of PGD. */
  readonly pgd20?: number;
  /** Accuracy under 20 steps on the margin loss. */
  readonly cw20?: number;
  /** Accuracy under AutoAttack. */
  readonly autoAttack?: number;
  /** k-NN accuracy on clean and adversarial features. */
  readonly relationClean?: number;
  /** The same on adversarial features. */
  readonly relationRobust?: number;
  /** Clean accuracy after the last epoch, where the others are the best epoch's. */
  readonly lastClean?: number;
  /** Accuracy under 20 steps of PGD after the last epoch. */
  readonly lastPgd20?: number;
  /** Best minus last, as printed; papers do not always subtract right. */
  readonly gapPgd20?: number;
}

/** Everything that decides a run. */
export interface Experiment extends Hyperparameters {
  /** The name in file names and on the command line. */
  readonly name: string;
  /** One line for lists. */
  readonly title: string;
  /** Differences from the reproduced experiment, a sentence each. */
  readonly notes?: readonly string[];
  /** The data set. */
  readonly data: DataConfig & { readonly extra?: ExtraConfig };
  /** The network to make robust. */
  readonly student: StudentConfig;
  /** The teacher; null unless some term uses it. */
  readonly teacher: TeacherConfig | null;
  /** The teacher's features from a file, in place of a teacher; none if left out. */
  readonly teacherFeatures?: TeacherFeaturesConfig;
  /** The loss of the student. */
  readonly objective: ObjectiveConfig;
  /** Terms that are added to the objective. */
  readonly regularizers: readonly RegularizerConfig[];
  /** Training on images without labels; none if left out. */
  readonly unlabeled?: UnlabeledConfig;
  /** The attack; null unless the objective has a surrogate. */
  readonly attack: TrainingAttackConfig | null;
  /** Adversarial weight perturbation; null for none. */
  readonly weightPerturbation: WeightPerturbationConfig | null;
  /** An average of the student's weights, measured beside it; none if left out. */
  readonly averaging?: AveragingConfig;
  /** The evaluations during and after training. */
  readonly evaluation: EvaluationConfig;
  /** The paper's accuracies; null for experiments of no paper. */
  readonly reported: ReportedResult | null;
}
