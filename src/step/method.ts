// What is trained and how, as objects: made from an experiment's data in
// `build.ts`, or a library user's own. Nothing from here on asks which kind of
// network, objective or attack it has.

import type { Attack } from "../methods/attack.ts";
import type {
  PretrainedConfig,
  TrainingSettings,
  UnlabeledConfig,
  WeightPerturbationConfig,
} from "../config/experiment.ts";
import type { Network } from "../nn/network.ts";
import type { Objective } from "../methods/objective.ts";

/** What the student minimizes, and how its adversarial images are found. */
export interface TrainingMethod {
  /** What is minimized, and what the attack maximizes. */
  readonly objective: Objective;
  /** Finds adversarial images; null where the objective has no surrogate. */
  readonly attack: Attack | null;
  /** Batch norm's mode while the attack runs. */
  readonly attackMode: "eval" | "train";
  /** Whether and how the student's weights are perturbed as well. */
  readonly weightPerturbation: WeightPerturbationConfig | null;
}

/** Everything that decides a training run but its data. */
export interface TrainingSetup extends TrainingSettings, TrainingMethod {
  /** The network to make robust. */
  readonly student: Network;
  /**
   * The standard network that some terms look at, trained beside the
   * student by cross-entropy on clean images; null without one.
   */
  readonly teacher: Network | null;
  /** What the teacher was before, and whether it stays so; null to start anew. */
  readonly pretrained: PretrainedConfig | null;
  /** What is learned from images whose labels are withheld; null for nothing. */
  readonly unlabeled: WithheldMethod | null;
}

/** What is learned from a part of the training images without their labels. */
export interface WithheldMethod extends Pick<UnlabeledConfig, "fraction"> {
  /** What is minimized on them, and what their attack maximizes. */
  readonly objective: Objective;
  /** Such images per step. */
  readonly batchSize: number;
}
