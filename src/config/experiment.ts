// One experiment as plain data: everything that decides a result, fully written
// out, in JSON. A run stores it, so that a result can be read and repeated.
//
// Kinds are discriminated unions, and the functions made from them are in
// `src/step/build.ts`. Numbers that papers print as fractions stay text ("8/255"):
// 0.031 and 8/255 are different experiments.

import type { AttackStart } from "../methods/attacks/pgd.ts";
import type { Norm } from "../methods/threat_model.ts";
import type { Activation } from "../nn/activation.ts";
import type { CrdOptions } from "../methods/regularizers/crd.ts";
import type { EpochSchedule } from "../methods/epoch_schedule.ts";
import type { LbgatBase } from "../methods/objectives/lbgat.ts";
import type { McaOptions } from "../methods/regularizers/mca.ts";
import type { Fraction } from "../base/fraction.ts";
import type { LearningRateSchedule } from "./schedule.ts";
import type { StrategyConfig } from "./strategy.ts";
import type { TrainingOnlyAttackConfig } from "./training_only_attack.ts";

export { checkExperiment, checkSettings } from "./check_experiment.ts";
export { type Fraction, fractionValue } from "../base/fraction.ts";

/** What is trained on. */
export type DataConfig =
  | {
    readonly dataset: "shapes";
    /** Images made for training, validation included. */
    readonly train: number;
    readonly test: number;
  }
  | { readonly dataset: "cifar10" | "cifar100" }
  /** Resized to `size` x `size`; the originals have 64. */
  | { readonly dataset: "tiny-imagenet"; readonly size: number }
  /** A folder of class folders; null where its images have one size already. */
  | { readonly dataset: "folder"; readonly size: number | null };

/** A network's architecture. */
export type ArchitectureConfig =
  | { readonly network: "resnet8"; readonly width: number }
  | { readonly network: "resnet18" | "resnet18-lbgat" | "resnet50" }
  | {
    /**
     * That of AWP and robust overfitting; without the normalization before
     * pooling, as Wong et al. (2020) published it; and with shortcuts of the
     * activated input, RobustBench's "V2".
     */
    readonly network:
      | "preact-resnet18"
      | "preact-resnet18-no-bn"
      | "preact-resnet18-v2";
  }
  | {
    readonly network: "wide-resnet";
    readonly depth: number;
    readonly width: number;
  }
  | {
    readonly network: "dm-wide-resnet";
    readonly depth: number;
    readonly width: number;
    readonly activation: Activation;
  }
  | { readonly network: "dm-preact-resnet18"; readonly activation: Activation };

/** Where a network comes from that has been trained before, and what becomes of it. */
export interface PretrainedConfig {
  /**
   * The folder of a run, whose student at its end is meant, or a file: a checkpoint,
   * safetensors, or what `torch.save` wrote.
   */
  readonly from: string;
  /** Whether it stays as it is, instead of learning on. */
  readonly frozen: boolean;
  /**
   * Batch norm's mode in it: by the running statistics, or by the batch's. The latter
   * move the former, unless it is frozen.
   */
  readonly mode: "eval" | "train";
}

/**
 * The standard network M, trained beside the student by cross-entropy on clean
 * images, from the start or from what it was before.
 */
export type TeacherConfig = ArchitectureConfig & {
  readonly pretrained?: PretrainedConfig;
};

/** What the student minimizes. */
export type ObjectiveConfig =
  | { readonly method: "standard" }
  | { readonly method: "vanilla-at" }
  | {
    readonly method: "trades";
    readonly beta: number;
    /** How often the clean batch enters the running statistics. */
    readonly cleanForwards: 1 | 2;
  }
  | {
    readonly method: "lbgat";
    readonly base: LbgatBase;
    /** Whether the teacher does not learn from the student. */
    readonly detach: boolean;
  }
  | { readonly method: "mart"; readonly beta: number }
  | { readonly method: "alp"; readonly weight: number }
  | {
    readonly method: "gairat";
    readonly lambda: number;
    /** The first epoch with weights other than 1. */
    readonly fromEpoch: number;
  }
  | {
    readonly method: "las-at";
    /** The part of a label's weight that the other classes share. */
    readonly smoothing: number;
    readonly strategy: StrategyConfig;
  }
  | { readonly method: "las-trades"; readonly strategy: StrategyConfig };

/** What is added to the objective. */
export type RegularizerConfig =
  | {
    readonly method: "frpat";
    readonly weight: EpochSchedule;
    readonly self: "exclude" | "zero";
    readonly reduction: "sum" | "batchmean" | "mean";
  }
  | {
    readonly method: "rkd";
    readonly weight: EpochSchedule;
    readonly distance: number;
    readonly angle: number;
  }
  | {
    readonly method: "absolute-relation" | "pkt";
    readonly weight: EpochSchedule;
  }
  | ({ readonly method: "crd" } & CrdOptions)
  | ({ readonly method: "mca" } & McaOptions);

/** The budget of an iterative attack. */
export interface IterationConfig {
  /** What the length of a perturbation is measured in. */
  readonly norm: Norm;
  /** The radius of the ball. */
  readonly epsilon: Fraction;
  /** Length of a step. */
  readonly stepSize: Fraction;
  /** Steps of ascent. */
  readonly steps: number;
  /** Where the search begins. */
  readonly start: AttackStart;
}

/** What is learned from images whose labels are withheld, beside the labeled ones. */
export interface UnlabeledConfig {
  /** The part of the training images, above 0 and below 1; no seed decides which. */
  readonly fraction: number;
  /** Such images per step, beside those with labels. */
  readonly batchSize: number;
  /** The terms on them, whose attack maximizes the divergence of predictions. */
  readonly regularizers: readonly RegularizerConfig[];
}

/** How adversarial images are found. */
export type AttackConfig =
  | { readonly method: "pgd" } & IterationConfig
  | {
    readonly method: "pgd-restarts" | "cw";
    /** Runs, of which each image keeps the one with the largest cross-entropy. */
    readonly restarts: number;
    /** Whether an image stays where it is once it is misclassified. */
    readonly stop: boolean;
  } & IterationConfig
  | {
    readonly method: "mim";
    /** The part of the direction that a step keeps. */
    readonly decay: number;
  } & IterationConfig
  | { readonly method: "fgsm"; readonly norm: Norm; readonly epsilon: Fraction }
  | {
    readonly method: "fgsm-rs";
    readonly norm: Norm;
    readonly epsilon: Fraction;
    readonly stepSize: Fraction;
  };

/** An attack that training runs, and batch norm's mode in it. */
export type TrainingAttackConfig =
  & (AttackConfig | TrainingOnlyAttackConfig)
  & { readonly mode: "eval" | "train" };

/** Adversarial weight perturbation, which any objective can be trained under. */
export interface WeightPerturbationConfig {
  /** How far each weight tensor moves, relative to its norm. */
  readonly gamma: number;
  /** The first epoch, from 1, in which weights move. */
  readonly fromEpoch: number;
}

/** Stochastic gradient descent, for student and teacher alike. */
export interface OptimizerConfig {
  /** The part of the velocity that a step keeps, from 0 to 1. */
  readonly momentum: number;
  /** Whether the momentum is Nesterov's. */
  readonly nesterov: boolean;
  /** On every parameter, batch norm's and biases included. */
  readonly weightDecay: number;
  /** The learning rate over the run. */
  readonly learningRate: LearningRateSchedule;
}

/** When and how networks are evaluated during and after training. */
export interface EvaluationConfig {
  /** Training images held out to choose the best epoch by; never trained on. */
  readonly validation: number;
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
export interface Experiment {
  /** As it stands in file names and on the command line. */
  readonly name: string;
  /** One line for lists. */
  readonly title: string;
  /** The source of all randomness: 0 to 4,294,967,295. */
  readonly seed: number;
  /** Times that every training image is visited. */
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** What is trained on. */
  readonly data: DataConfig;
  /** Random crops from an image padded with this many zeros, and mirroring. */
  readonly augmentation: { readonly padding: number; readonly flip: boolean };
  /** The network to make robust. */
  readonly student: ArchitectureConfig;
  /** Present exactly where some term looks at a teacher. */
  readonly teacher: TeacherConfig | null;
  /** What the student minimizes. */
  readonly objective: ObjectiveConfig;
  /** What is added to the objective. */
  readonly regularizers: readonly RegularizerConfig[];
  /** What is learned from images without labels; nothing if left out. */
  readonly unlabeled?: UnlabeledConfig;
  /** Present exactly where the objective has something to maximize. */
  readonly attack: TrainingAttackConfig | null;
  /** Whether the loss is that of adversarially perturbed weights. */
  readonly weightPerturbation: WeightPerturbationConfig | null;
  /** How both networks descend. */
  readonly optimizer: OptimizerConfig;
  /** Whether to compute the insides of residual blocks twice instead of keeping them. */
  readonly recompute: boolean;
  /**
   * How training keeps activations and their gradients: `f16` takes half the memory,
   * on devices that have it. Everything else is f32, as evaluations are in all.
   */
  readonly precision: "f32" | "f16";
  /** How the result is measured. */
  readonly evaluation: EvaluationConfig;
  /** What the paper reports; null for experiments of no paper. */
  readonly reported: ReportedResult | null;
}
