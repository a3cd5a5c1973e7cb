// Builds the networks, objectives and attacks that an experiment names, by the lists of
// kinds.

import type { Attack } from "../methods/attack.ts";
import { TRAINING_ATTACKS } from "../methods/attacks.ts";
import type {
  AttackKind,
  ObjectiveKind,
  RegularizerKind,
} from "../methods/kind.ts";
import { type Objective, regularized } from "../methods/objective.ts";
import { labelFree } from "../methods/objectives/label_free.ts";
import { OBJECTIVES } from "../methods/objectives.ts";
import type { Regularizer } from "../methods/regularizer.ts";
import { REGULARIZERS } from "../methods/regularizers.ts";
import type { Stateful } from "../methods/stateful.ts";
import type {
  ArchitectureConfig,
  AttackConfig,
  Experiment,
  RegularizerConfig,
  StudentConfig,
  TeacherConfig,
  TrainingOnlyAttackConfig,
} from "../config/experiment.ts";
import { onlyHyperparameters } from "../config/hyperparameters.ts";
import type { Network } from "../nn/network.ts";
import type { NetworkKind } from "../nn/network_kind.ts";
import { NETWORKS } from "../nn/networks.ts";
import { NormalizedModel } from "../nn/normalized.ts";
import type { Training } from "./method.ts";

/**
 * Builds an experiment: its networks for a number of classes, its objective with the
 * regularizers, its attack, and its hyperparameters.
 */
export function buildTraining(
  experiment: Experiment,
  { classes }: { readonly classes: number },
): Training {
  const { student, teacher, attack, weightPerturbation } = experiment;
  const { averaging = null } = experiment;
  return {
    ...onlyHyperparameters(experiment),
    student: buildNetwork(student, { classes }),
    teacher: teacher && buildTeacher(teacher, { classes }),
    pretrained: teacher?.pretrained ?? null,
    unlabeled: buildUnlabeled(experiment),
    objective: buildObjective(experiment),
    attack: attack && buildAttack(attack),
    attackMode: attack?.mode ?? "eval",
    weightPerturbation,
    averaging,
  };
}

/** A teacher's network, for its own classes where it has others than the data set. */
export function buildTeacher(
  { pretrained, ...config }: TeacherConfig,
  { classes }: { readonly classes: number },
): Network {
  return buildNetwork(config, { classes: pretrained?.classes ?? classes });
}

/** The network of a configuration for a number of classes. */
export function buildNetwork(
  { normalization, ...config }: StudentConfig,
  { classes }: { readonly classes: number },
): Network {
  const kind: NetworkKind = NETWORKS[config.network];
  const network = kind.create({ ...config, classes });
  return normalization ? new NormalizedModel(network, normalization) : network;
}

/** The attack of a configuration. */
export function buildAttack(
  config: AttackConfig | TrainingOnlyAttackConfig,
): Attack {
  const kind: AttackKind = TRAINING_ATTACKS[config.method];
  return kind.create(config);
}

/** The objective of an experiment with its regularizers. */
export function buildObjective(
  { objective, regularizers }: Pick<Experiment, "objective" | "regularizers">,
): Objective | Stateful<Objective> {
  const kind: ObjectiveKind = OBJECTIVES[objective.method];
  const base = kind.create(objective, {
    network: (config, options) =>
      buildNetwork(config as ArchitectureConfig, options),
    attack: (config) => buildAttack(config as AttackConfig),
  });
  return regularized(base, ...regularizers.map(buildRegularizer));
}

/** The training on images without labels; null for none. */
function buildUnlabeled(
  { unlabeled }: Pick<Experiment, "unlabeled">,
): Training["unlabeled"] {
  if (!unlabeled) return null;
  const { regularizers, batchSize, fraction = 0 } = unlabeled;
  return {
    fraction,
    batchSize,
    objective: labelFree(...regularizers.map(buildRegularizer)),
  };
}

function buildRegularizer(
  config: RegularizerConfig,
): Regularizer | Stateful<Regularizer> {
  const kind: RegularizerKind = REGULARIZERS[config.method];
  return kind.create(config);
}
