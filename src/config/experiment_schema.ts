// The type `Experiment` as data, for settings that TypeScript never saw: which keys
// there are, of which kinds, under which variant. The compiler keeps it complete,
// since every table below must have exactly its type's keys.

import type { Curriculum } from "../methods/attacks/curriculum_pgd.ts";
import type { AttackStart } from "../methods/attacks/pgd.ts";
import type { EnsembleConfig } from "./ensemble_config.ts";
import type {
  ArchitectureConfig,
  AttackConfig,
  DataConfig,
  EvaluationConfig,
  Experiment,
  ObjectiveConfig,
  OptimizerConfig,
  PretrainedConfig,
  RegularizerConfig,
  TrainingAttackConfig,
  UnlabeledConfig,
  WeightPerturbationConfig,
} from "./experiment.ts";
import type { EpochSchedule } from "../methods/epoch_schedule.ts";
import type { LbgatBase } from "../methods/objectives/lbgat.ts";
import type { LearningRateSchedule } from "./schedule.ts";
import type { StrategyConfig } from "./strategy.ts";
import { choice, type Schema } from "../base/schema.ts";

/** Exactly the keys of `T`. */
type Fields<T> = { readonly [K in keyof T]-?: Schema };

/** The keys of `T` for every value of its field `Tag`. */
type Variants<T, Tag extends keyof T> = {
  readonly [V in T[Tag] & string]: Fields<Omit<Variant<T, Tag, V>, Tag>>;
};
type Variant<T, Tag extends keyof T, V> = T extends unknown
  ? V extends T[Tag] ? T : never
  : never;

const NUMBER: Schema = { kind: "number" };
const FRACTION: Schema = { kind: "fraction" };
const BOOLEAN: Schema = { kind: "boolean" };

function nullable(of: Schema): Schema {
  return { kind: "nullable", of };
}

type UnionSchema = Extract<Schema, { readonly kind: "union" }>;

function list(of: Schema): Schema {
  return { kind: "list", of };
}

function object<T>(fields: Fields<T>): Schema {
  return { kind: "object", fields };
}

function union<T, Tag extends keyof T & string>(
  tag: Tag,
  variants: Variants<T, Tag>,
): UnionSchema {
  return { kind: "union", tag, variants };
}

const ARCHITECTURE = union<ArchitectureConfig, "network">("network", {
  "resnet8": { width: NUMBER },
  "resnet18": {},
  "resnet18-lbgat": {},
  "resnet50": {},
  "preact-resnet18": {},
  "preact-resnet18-no-bn": {},
  "preact-resnet18-v2": {},
  "wide-resnet": { depth: NUMBER, width: NUMBER },
  "dm-wide-resnet": {
    depth: NUMBER,
    width: NUMBER,
    activation: choice("relu", "silu"),
  },
  "dm-preact-resnet18": { activation: choice("relu", "silu") },
});

const PRETRAINED: Schema = {
  kind: "optional",
  of: object<PretrainedConfig>({
    from: { kind: "text" },
    frozen: BOOLEAN,
    mode: choice("eval", "train"),
  }),
};

const TEACHER: Schema = {
  ...ARCHITECTURE,
  variants: Object.fromEntries(
    Object.entries(ARCHITECTURE.variants).map(([name, fields]) => [
      name,
      { ...fields, pretrained: PRETRAINED },
    ]),
  ),
};

const EPOCH_SCHEDULE = union<EpochSchedule, "kind">("kind", {
  constant: { value: NUMBER },
  ramp: { value: NUMBER, over: NUMBER },
});

const CONTRAST = {
  weight: EPOCH_SCHEDULE,
  negatives: NUMBER,
  temperature: NUMBER,
  momentum: NUMBER,
};

const REGULARIZER = union<RegularizerConfig, "method">("method", {
  "frpat": {
    weight: EPOCH_SCHEDULE,
    self: choice("exclude", "zero"),
    reduction: choice("sum", "batchmean", "mean"),
  },
  "rkd": { weight: EPOCH_SCHEDULE, distance: NUMBER, angle: NUMBER },
  "absolute-relation": { weight: EPOCH_SCHEDULE },
  "pkt": { weight: EPOCH_SCHEDULE },
  "crd": { ...CONTRAST, dimension: NUMBER },
  "mca": CONTRAST,
});

const BALL = { norm: choice("linf", "l2"), epsilon: FRACTION };
const FGSM = BALL;
const FGSM_RS = { ...BALL, stepSize: FRACTION };
const START = union<AttackStart, "kind">("kind", {
  clean: {},
  uniform: { clip: BOOLEAN },
  gaussian: { scale: NUMBER },
});
const PGD = { ...FGSM_RS, steps: NUMBER, start: START };
const RESTARTS = { ...PGD, restarts: NUMBER, stop: BOOLEAN };
const MIM = { ...PGD, decay: NUMBER };

/** The schema of an attack that measures robustness. */
export const ATTACK_SCHEMA: Schema = union<AttackConfig, "method">("method", {
  "pgd": PGD,
  "pgd-restarts": RESTARTS,
  "cw": RESTARTS,
  "mim": MIM,
  "fgsm": FGSM,
  "fgsm-rs": FGSM_RS,
});

/** The schema of an ensemble of attacks. */
export const ENSEMBLE_SCHEMA: Schema = object<EnsembleConfig>({
  method: choice("autoattack"),
  version: choice("standard", "plus", "rand", "custom"),
  ...BALL,
  attacks: list(
    choice("apgd-ce", "apgd-dlr", "apgd-t", "fab", "fab-t", "square"),
  ),
  steps: NUMBER,
  restarts: NUMBER,
  targets: NUMBER,
  queries: NUMBER,
  samples: NUMBER,
});

const STRATEGY = object<StrategyConfig>({
  network: ARCHITECTURE,
  epsilon: list(FRACTION),
  stepSize: list(FRACTION),
  steps: list(NUMBER),
  beta: list(NUMBER),
  interval: NUMBER,
  optimizer: object<StrategyConfig["optimizer"]>({
    learningRate: NUMBER,
    momentum: NUMBER,
    weightDecay: NUMBER,
    largestNorm: NUMBER,
  }),
  reward: object<StrategyConfig["reward"]>({
    attack: ATTACK_SCHEMA,
    robust: NUMBER,
    clean: NUMBER,
    limit: NUMBER,
  }),
});
const MODE = { mode: choice("eval", "train") };

/** What of an experiment decides a run: all of it but what it is called. */
export type Decisive = Omit<Experiment, "name" | "title" | "reported">;

/** The schema of the {@linkcode Decisive} parts of an experiment. */
export const EXPERIMENT_SCHEMA: Schema = object<Decisive>({
  seed: NUMBER,
  epochs: NUMBER,
  batchSize: NUMBER,
  data: union<DataConfig, "dataset">("dataset", {
    "shapes": { train: NUMBER, test: NUMBER },
    "cifar10": {},
    "cifar100": {},
    "tiny-imagenet": { size: NUMBER },
    "folder": { size: nullable(NUMBER) },
  }),
  augmentation: object<Experiment["augmentation"]>({
    padding: NUMBER,
    flip: BOOLEAN,
  }),
  student: ARCHITECTURE,
  teacher: nullable(TEACHER),
  objective: union<ObjectiveConfig, "method">("method", {
    "standard": {},
    "vanilla-at": {},
    "trades": { beta: NUMBER, cleanForwards: choice(1, 2) },
    "lbgat": {
      base: union<LbgatBase, "kind">("kind", {
        "trades": { beta: NUMBER },
        "vanilla-at": {},
        "alp": {},
        "none": {},
      }),
      detach: BOOLEAN,
    },
    "mart": { beta: NUMBER },
    "alp": { weight: NUMBER },
    "gairat": { lambda: NUMBER, fromEpoch: NUMBER },
    "las-at": { smoothing: NUMBER, strategy: STRATEGY },
    "las-trades": { strategy: STRATEGY },
  }),
  regularizers: list(REGULARIZER),
  unlabeled: {
    kind: "optional",
    of: object<UnlabeledConfig>({
      fraction: NUMBER,
      batchSize: NUMBER,
      regularizers: list(REGULARIZER),
    }),
  },
  attack: nullable(union<TrainingAttackConfig, "method">("method", {
    "pgd": { ...PGD, ...MODE },
    "pgd-restarts": { ...RESTARTS, ...MODE },
    "cw": { ...RESTARTS, ...MODE },
    "mim": { ...MIM, ...MODE },
    "fgsm": { ...FGSM, ...MODE },
    "fgsm-rs": { ...FGSM_RS, ...MODE },
    "n-fgsm": {
      epsilon: FRACTION,
      stepSize: FRACTION,
      noise: NUMBER,
      ...MODE,
    },
    "friendly-pgd": {
      ...PGD,
      noise: NUMBER,
      tauRises: list(NUMBER),
      ...MODE,
    },
    "strategic-pgd": {
      epsilon: FRACTION,
      start: START,
      steps: NUMBER,
      ...MODE,
    },
    "curriculum-pgd": {
      ...PGD,
      level: object<Curriculum>({ from: NUMBER, to: NUMBER, over: NUMBER }),
      ...MODE,
    },
  })),
  weightPerturbation: nullable(object<WeightPerturbationConfig>({
    gamma: NUMBER,
    fromEpoch: NUMBER,
  })),
  optimizer: object<OptimizerConfig>({
    momentum: NUMBER,
    nesterov: BOOLEAN,
    weightDecay: NUMBER,
    learningRate: union<LearningRateSchedule, "kind">("kind", {
      step: { initial: NUMBER, drops: list(NUMBER), factor: NUMBER },
      cosine: { initial: NUMBER },
      cyclic: { peak: NUMBER, peakAt: NUMBER },
    }),
  }),
  recompute: BOOLEAN,
  precision: choice("f32", "f16"),
  evaluation: object<EvaluationConfig>({
    validation: NUMBER,
    every: NUMBER,
    batchSize: NUMBER,
    attacks: { kind: "record", of: ATTACK_SCHEMA },
  }),
});
