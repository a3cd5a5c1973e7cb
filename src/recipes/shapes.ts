// Experiments on `shapes`, the data set that needs no download: minutes instead of
// days, on any machine. `shapes/frpat` is what `train` runs when it is given no
// name, made to end within three minutes on two processor cores;
// `shapes/baseline` is what it is compared with. The others are one setting
// under every method, long enough for vanilla AT to learn as well.
//
// Other regularizers have the weights of Table 4, but for the ramps over its 100 epochs.

import type { Experiment } from "../config/experiment.ts";

const SETTING = {
  seed: 1,
  epochs: 8,
  batchSize: 32,
  data: { dataset: "shapes", train: 2048, test: 256 },
  augmentation: { padding: 2, flip: true },
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 5e-4,
    learningRate: { kind: "cyclic", peak: 0.05, peakAt: 0.25 },
  },
  weightPerturbation: null,
  recompute: false,
  precision: "f32",
  evaluation: {
    validation: 128,
    every: 2,
    batchSize: 128,
    attacks: {
      "pgd-20": {
        method: "pgd",
        norm: "linf",
        epsilon: "8/255",
        stepSize: "2/255",
        steps: 20,
        start: { kind: "uniform", clip: true },
      },
    },
  },
} as const;

/** Shorter, and from the first epochs on better than chance. */
const SHORT = {
  ...SETTING,
  epochs: 5,
  optimizer: {
    ...SETTING.optimizer,
    learningRate: { kind: "cyclic", peak: 0.02, peakAt: 0.1 },
  },
  evaluation: { ...SETTING.evaluation, every: 1 },
} as const;

const RESNET8 = { network: "resnet8", width: 16 } as const;

const FRPAT = {
  method: "frpat",
  weight: { kind: "constant", value: 5 },
  self: "exclude",
  reduction: "sum",
} as const;

const ABSOLUTE = {
  method: "absolute-relation",
  weight: { kind: "constant", value: 50 },
} as const;

const RKD = {
  method: "rkd",
  weight: { kind: "constant", value: 1 },
  distance: 25,
  angle: 50,
} as const;

const PKT = {
  method: "pkt",
  weight: { kind: "constant", value: 30000 },
} as const;

/** The attack on the cross-entropy: few steps, so that a processor can afford it. */
const UNIFORM_PGD = {
  method: "pgd",
  norm: "linf",
  epsilon: "8/255",
  stepSize: "4/255",
  steps: 3,
  start: { kind: "uniform", clip: true },
  mode: "eval",
} as const;

/** The attack on the divergence, which has no slope at the clean image. */
const GAUSSIAN_PGD = {
  ...UNIFORM_PGD,
  start: { kind: "gaussian", scale: 0.001 },
} as const;

const VANILLA_AT = {
  student: RESNET8,
  objective: { method: "vanilla-at" },
  attack: UNIFORM_PGD,
  reported: null,
} as const;

const TRADES = {
  student: RESNET8,
  objective: { method: "trades", beta: 6, cleanForwards: 2 },
  attack: GAUSSIAN_PGD,
  reported: null,
} as const;

/** Experiments on `shapes`; the first one is the default. */
export const SHAPES: readonly Experiment[] = [
  {
    ...SHORT,
    ...VANILLA_AT,
    name: "shapes/frpat",
    title:
      "Shapes, FRPAT on vanilla AT, ResNet-8, small enough for a processor",
    teacher: RESNET8,
    regularizers: [FRPAT],
  },
  {
    ...SHORT,
    ...VANILLA_AT,
    name: "shapes/baseline",
    title: "Shapes, vanilla AT, ResNet-8, in the setting of shapes/frpat",
    teacher: null,
    regularizers: [],
  },
  {
    ...SETTING,
    name: "shapes/standard",
    title: "Shapes, standard training, ResNet-8",
    student: RESNET8,
    teacher: null,
    objective: { method: "standard" },
    regularizers: [],
    attack: null,
    reported: null,
  },
  {
    ...SETTING,
    ...VANILLA_AT,
    name: "shapes/vanilla-at",
    title: "Shapes, vanilla AT, ResNet-8",
    teacher: null,
    regularizers: [],
  },
  {
    ...SETTING,
    ...VANILLA_AT,
    name: "shapes/vanilla-at-frpat",
    title: "Shapes, vanilla AT + FRPAT, ResNet-8",
    teacher: RESNET8,
    regularizers: [FRPAT],
  },
  {
    ...SETTING,
    ...VANILLA_AT,
    name: "shapes/vanilla-at-absolute",
    title: "Shapes, vanilla AT + absolute relations, ResNet-8",
    teacher: RESNET8,
    regularizers: [ABSOLUTE],
  },
  {
    ...SETTING,
    ...VANILLA_AT,
    name: "shapes/vanilla-at-rkd",
    title: "Shapes, vanilla AT + RKD, ResNet-8",
    teacher: RESNET8,
    regularizers: [RKD],
  },
  {
    ...SETTING,
    ...VANILLA_AT,
    name: "shapes/vanilla-at-pkt",
    title: "Shapes, vanilla AT + PKT, ResNet-8",
    teacher: RESNET8,
    regularizers: [PKT],
  },
  {
    ...SETTING,
    ...TRADES,
    name: "shapes/trades",
    title: "Shapes, TRADES, ResNet-8",
    teacher: null,
    regularizers: [],
  },
  {
    ...SETTING,
    ...TRADES,
    name: "shapes/trades-frpat",
    title: "Shapes, TRADES + FRPAT, ResNet-8",
    teacher: RESNET8,
    regularizers: [FRPAT],
  },
  {
    ...SETTING,
    ...TRADES,
    name: "shapes/trades-absolute",
    title: "Shapes, TRADES + absolute relations, ResNet-8",
    teacher: RESNET8,
    regularizers: [ABSOLUTE],
  },
  {
    ...SETTING,
    ...TRADES,
    name: "shapes/trades-rkd",
    title: "Shapes, TRADES + RKD, ResNet-8",
    teacher: RESNET8,
    regularizers: [RKD],
  },
  {
    ...SETTING,
    ...TRADES,
    name: "shapes/trades-pkt",
    title: "Shapes, TRADES + PKT, ResNet-8",
    teacher: RESNET8,
    regularizers: [PKT],
  },
  {
    ...SETTING,
    ...VANILLA_AT,
    name: "shapes/fgsm-rs",
    title: "Shapes, FGSM with a random start, ResNet-8",
    teacher: null,
    regularizers: [],
    attack: {
      method: "fgsm-rs",
      norm: "linf",
      epsilon: "8/255",
      stepSize: "10/255",
      mode: "train",
    },
  },
  {
    ...SETTING,
    ...VANILLA_AT,
    name: "shapes/n-fgsm",
    title: "Shapes, N-FGSM, ResNet-8",
    teacher: null,
    regularizers: [],
    attack: {
      method: "n-fgsm",
      epsilon: "8/255",
      stepSize: "8/255",
      noise: 2,
      mode: "train",
    },
  },
];
