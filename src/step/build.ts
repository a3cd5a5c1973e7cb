// From an experiment's data to the functions that it names: the one place that
// knows every architecture, attack, objective and regularizer by its kind.

import type { Attack } from "../methods/attack.ts";
import { curriculumPgd } from "../methods/attacks/curriculum_pgd.ts";
import { cw } from "../methods/attacks/cw.ts";
import { fgsm, fgsmRandomStart } from "../methods/attacks/fgsm.ts";
import { friendlyPgd } from "../methods/attacks/friendly_pgd.ts";
import { mim } from "../methods/attacks/mim.ts";
import { nFgsm } from "../methods/attacks/n_fgsm.ts";
import { pgd, type PgdOptions } from "../methods/attacks/pgd.ts";
import { restarted } from "../methods/attacks/restarted.ts";
import { strategicPgd } from "../methods/attacks/strategic_pgd.ts";
import { l2, linf, type ThreatModel } from "../methods/threat_model.ts";
import {
  type ArchitectureConfig,
  type AttackConfig,
  type Experiment,
  fractionValue,
  type IterationConfig,
  type ObjectiveConfig,
  type RegularizerConfig,
} from "../config/experiment.ts";
import { resnet50 } from "../nn/bottleneck_resnet.ts";
import { deepMindPreActResNet18 } from "../nn/deepmind_preact_resnet.ts";
import { deepMindWideResNet } from "../nn/deepmind_wide_resnet.ts";
import type { Network } from "../nn/network.ts";
import { preActResNet18 } from "../nn/preact_resnet.ts";
import { resnet18, resnet18Lbgat, resnet8 } from "../nn/resnet.ts";
import { wideResNet } from "../nn/wide_resnet.ts";
import { absoluteRelation } from "../methods/regularizers/absolute_relation.ts";
import { alp } from "../methods/objectives/alp.ts";
import { crd } from "../methods/regularizers/crd.ts";
import { frpat } from "../methods/regularizers/frpat.ts";
import { gairat } from "../methods/objectives/gairat.ts";
import { las, type LasOptions } from "../methods/objectives/las.ts";
import { labelFree } from "../methods/objectives/label_free.ts";
import { lbgat } from "../methods/objectives/lbgat.ts";
import { mart } from "../methods/objectives/mart.ts";
import { mca } from "../methods/regularizers/mca.ts";
import { type Objective, regularized } from "../methods/objective.ts";
import type { Regularizer } from "../methods/regularizer.ts";
import type { Stateful } from "../methods/stateful.ts";
import { pkt } from "../methods/regularizers/pkt.ts";
import { rkd } from "../methods/regularizers/rkd.ts";
import { standard } from "../methods/objectives/standard.ts";
import { trades } from "../methods/objectives/trades.ts";
import { vanillaAt } from "../methods/objectives/vanilla_at.ts";
import { type StrategyConfig, strategyOptions } from "../config/strategy.ts";
import type { TrainingOnlyAttackConfig } from "../config/training_only_attack.ts";
import type { Training } from "./method.ts";

/**
 * The training of an experiment: its networks, for a number of classes, its
 * objective with the regularizers, its attack, and its numbers.
 */
export function buildTraining(
  experiment: Experiment,
  { classes }: { readonly classes: number },
): Training {
  const { student, teacher, attack, weightPerturbation } = experiment;
  const { seed, epochs, batchSize } = experiment;
  const { augmentation, optimizer, recompute, precision } = experiment;
  return {
    seed,
    epochs,
    batchSize,
    augmentation,
    optimizer,
    recompute,
    precision,
    student: buildNetwork(student, { classes }),
    teacher: teacher && buildNetwork(teacher, { classes }),
    pretrained: teacher?.pretrained ?? null,
    unlabeled: buildUnlabeled(experiment),
    objective: buildObjective(experiment),
    attack: attack && buildAttack(attack),
    attackMode: attack?.mode ?? "eval",
    weightPerturbation,
  };
}

/** The network of an architecture for a number of classes. */
export function buildNetwork(
  config: ArchitectureConfig,
  { classes }: { readonly classes: number },
): Network {
  switch (config.network) {
    case "resnet8":
      return resnet8({ classes, width: config.width });
    case "resnet18":
      return resnet18({ classes });
    case "resnet18-lbgat":
      return resnet18Lbgat({ classes });
    case "resnet50":
      return resnet50({ classes });
    case "preact-resnet18":
      return preActResNet18({ classes });
    case "preact-resnet18-no-bn":
      return preActResNet18({ classes, finalNorm: false });
    case "preact-resnet18-v2":
      return preActResNet18({ classes, shortcutOf: "activated" });
    case "wide-resnet":
      return wideResNet({
        classes,
        depth: config.depth,
        width: config.width,
      });
    case "dm-wide-resnet":
      return deepMindWideResNet({ ...config, classes });
    case "dm-preact-resnet18":
      return deepMindPreActResNet18({ ...config, classes });
  }
}

/** The attack of a configuration. */
export function buildAttack(
  config: AttackConfig | TrainingOnlyAttackConfig,
): Attack {
  if (config.method === "n-fgsm") {
    return nFgsm({
      epsilon: fractionValue(config.epsilon),
      stepSize: fractionValue(config.stepSize),
      noise: config.noise,
    });
  }
  if (config.method === "strategic-pgd") {
    const startEpsilon = fractionValue(config.epsilon);
    return strategicPgd({ ...config, startEpsilon });
  }
  const threat = buildThreat(config);
  switch (config.method) {
    case "pgd":
      return pgd(iteration(config, threat));
    case "pgd-restarts":
      return restarted(pgd(iteration(config, threat)), config);
    case "cw":
      return restarted(cw(iteration(config, threat)), config);
    case "mim":
      return mim({ ...iteration(config, threat), decay: config.decay });
    case "friendly-pgd": {
      const { noise, tauRises } = config;
      return friendlyPgd({ ...iteration(config, threat), noise, tauRises });
    }
    case "curriculum-pgd": {
      const { level } = config;
      return curriculumPgd({ ...iteration(config, threat), level });
    }
    case "fgsm":
      return fgsm({ threat });
    case "fgsm-rs":
      return fgsmRandomStart({
        threat,
        stepSize: fractionValue(config.stepSize),
      });
  }
}

function iteration(
  config: IterationConfig & { readonly stop?: boolean },
  threat: ThreatModel,
): PgdOptions {
  const { steps, start, stop = false } = config;
  const stepSize = fractionValue(config.stepSize);
  return { threat, steps, stepSize, start, stop };
}

function buildThreat(
  { norm, epsilon }: IterationConfig | AttackConfig,
): ThreatModel {
  return norm === "linf"
    ? linf(fractionValue(epsilon))
    : l2(fractionValue(epsilon));
}

/** The objective of an experiment, with its regularizers. */
export function buildObjective(
  { objective, regularizers }: Pick<Experiment, "objective" | "regularizers">,
): Objective | Stateful<Objective> {
  return regularized(
    buildBase(objective),
    ...regularizers.map(buildRegularizer),
  );
}

/** What is learned from images without labels. */
function buildUnlabeled(
  { unlabeled }: Pick<Experiment, "unlabeled">,
): Training["unlabeled"] {
  if (!unlabeled) return null;
  const { regularizers, ...sizes } = unlabeled;
  return {
    ...sizes,
    objective: labelFree(...regularizers.map(buildRegularizer)),
  };
}

function buildBase(
  config: ObjectiveConfig,
): Objective | Stateful<Objective> {
  switch (config.method) {
    case "standard":
      return standard();
    case "vanilla-at":
      return vanillaAt();
    case "trades":
      return trades(config);
    case "lbgat":
      return lbgat(config);
    case "mart":
      return mart(config);
    case "alp":
      return alp(config);
    case "gairat":
      return gairat(config);
    case "las-at": {
      const { smoothing } = config;
      return las({ ...lasOptions(config), base: { kind: "at", smoothing } });
    }
    case "las-trades":
      return las({ ...lasOptions(config), base: { kind: "trades" } });
  }
}

function lasOptions(
  { strategy }: { readonly strategy: StrategyConfig },
): Omit<LasOptions, "base"> {
  const { network, reward: { attack, ...reward } } = strategy;
  return {
    ...strategyOptions(strategy),
    trunk: (classes) => buildNetwork(network, { classes }),
    reward: { ...reward, attack: buildAttack(attack) },
  };
}

function buildRegularizer(
  config: RegularizerConfig,
): Regularizer | Stateful<Regularizer> {
  switch (config.method) {
    case "frpat":
      return frpat(config);
    case "rkd":
      return rkd(config);
    case "absolute-relation":
      return absoluteRelation(config);
    case "pkt":
      return pkt(config);
    case "crd":
      return crd(config);
    case "mca":
      return mca(config);
  }
}
