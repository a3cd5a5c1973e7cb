// A method as functions: built from an experiment in `build.ts`, or passed by a user of the
// library. Code that uses it does not depend on the kind of objective or attack.

import type { AveragingConfig } from "../config/averaging.ts";
import type { PretrainedConfig } from "../config/pretrained.ts";
import type { WeightPerturbationConfig } from "../config/weight_perturbation.ts";
import type { Attack } from "../methods/attack.ts";
import type { Objective } from "../methods/objective.ts";
import type { Stateful } from "../methods/stateful.ts";
import type { Network } from "../nn/network.ts";
import type { Hyperparameters } from "../config/hyperparameters.ts";

/** An objective and its attack. */
export interface Method<O = Objective | Stateful<Objective>> {
  /** The loss to minimize, and the surrogate that the attack maximizes. */
  readonly objective: O;
  /** Finds adversarial images; null where the objective has no surrogate. */
  readonly attack: Attack | null;
  /** Batch norm's mode while the attack runs. */
  readonly attackMode: "eval" | "train";
  /** Whether and how the student's weights are perturbed as well. */
  readonly weightPerturbation: WeightPerturbationConfig | null;
  /** How the student's weights are averaged; not if left out. */
  readonly averaging?: AveragingConfig | null;
  /** How a teacher that was trained before is used; null for one that starts anew. */
  readonly pretrained?:
    | Pick<PretrainedConfig, "frozen" | "mode" | "classes">
    | null;
  /** The training on images without labels; null for none. */
  readonly unlabeled?: UnlabeledMethod<O> | null;
}

/** The training on images without labels. */
export interface UnlabeledMethod<O = Objective | Stateful<Objective>> {
  /** The loss to minimize on them, and the surrogate of their attack. */
  readonly objective: O;
  /** Such images per step. */
  readonly batchSize: number;
}

/** Everything that an experiment describes but its data: method, networks and numbers. */
export interface Training extends Hyperparameters, Method {
  /** The network to make robust. */
  readonly student: Network;
  /**
   * The standard network that some terms use, trained beside the student by
   * cross-entropy on clean images; null without one.
   */
  readonly teacher: Network | null;
  /** The values that the teacher starts from, and whether it is frozen; null for random. */
  readonly pretrained: PretrainedConfig | null;
  /** The training on a part of the images without their labels. */
  readonly unlabeled: UnlabeledMethod & { readonly fraction: number } | null;
}
