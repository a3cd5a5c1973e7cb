// What is trained, as functions: built from an experiment in `build.ts`, or a library
// user's own. Nothing from here on asks which kind of objective or attack it has.

import type { PretrainedConfig } from "../config/pretrained.ts";
import type { WeightPerturbationConfig } from "../config/weight_perturbation.ts";
import type { Attack } from "../methods/attack.ts";
import type { Objective } from "../methods/objective.ts";
import type { Stateful } from "../methods/stateful.ts";
import type { Network } from "../nn/network.ts";
import type { Hyperparameters } from "../config/hyperparameters.ts";

/** What the student minimizes, and how its adversarial images are found. */
export interface Method<O = Objective | Stateful<Objective>> {
  /** What is minimized, and what the attack maximizes. */
  readonly objective: O;
  /** Finds adversarial images; null where the objective has no surrogate. */
  readonly attack: Attack | null;
  /** Batch norm's mode while the attack runs. */
  readonly attackMode: "eval" | "train";
  /** Whether and how the student's weights are perturbed as well. */
  readonly weightPerturbation: WeightPerturbationConfig | null;
  /** How a teacher that was trained before is used; null for one that starts anew. */
  readonly pretrained?: Pick<PretrainedConfig, "frozen" | "mode"> | null;
  /** What is learned from images without labels; null for nothing. */
  readonly unlabeled?: UnlabeledMethod<O> | null;
}

/** What is learned from images without labels. */
export interface UnlabeledMethod<O = Objective | Stateful<Objective>> {
  /** What is minimized on them, and what their attack maximizes. */
  readonly objective: O;
  /** Such images per step. */
  readonly batchSize: number;
}

/** What an experiment describes, but for its data: a method, networks and numbers. */
export interface Training extends Hyperparameters, Method {
  /** The network to make robust. */
  readonly student: Network;
  /**
   * The standard network that some terms look at, trained beside the student by
   * cross-entropy on clean images; null without one.
   */
  readonly teacher: Network | null;
  /** What the teacher was before, and whether it stays so; null to start anew. */
  readonly pretrained: PretrainedConfig | null;
  /** What is learned from a part of the training images without their labels. */
  readonly unlabeled: UnlabeledMethod & { readonly fraction: number } | null;
}
