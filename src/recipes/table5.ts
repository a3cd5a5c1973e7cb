// The FRPAT paper's Table 5 (CIFAR-100): vanilla AT + FRPAT with other batch sizes, all
// else as in Table 2, the learning rate too. The row of 128 is Table 2's. The weight
// of FRPAT is not divided by the batch: its sum over pairs grows with it.

import type { Experiment } from "../config/experiment.ts";

const SETTING = {
  seed: 1,
  epochs: 100,

  data: { dataset: "cifar100" },
  augmentation: { padding: 4, flip: true },
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 2e-4,
    learningRate: { kind: "step", initial: 0.1, drops: [75, 90], factor: 0.1 },
  },
  weightPerturbation: null,
  recompute: false,
  precision: "f32",
  evaluation: {
    validation: 1000,
    every: 1,
    batchSize: 125,
    attacks: {
      "pgd-20": {
        method: "pgd",
        norm: "linf",
        epsilon: "0.031",
        stepSize: "0.003",
        steps: 20,
        start: { kind: "uniform", clip: false },
      },
    },
  },
} as const;

const WIDE_RESNET = { network: "wide-resnet", depth: 34, width: 10 } as const;

/** LBGAT's ResNet-18, the paper's standard network. */
const RESNET18 = { network: "resnet18-lbgat" } as const;

const FRPAT = {
  method: "frpat",
  weight: { kind: "ramp", value: 20, over: 100 },
  self: "exclude",
  reduction: "sum",
} as const;

/** The attack on the cross-entropy. */
const UNIFORM_PGD = {
  method: "pgd",
  norm: "linf",
  epsilon: "0.031",
  stepSize: "0.007",
  steps: 10,
  start: { kind: "uniform", clip: true },
  mode: "eval",
} as const;

/** Experiments of Table 5. */
export const TABLE5: readonly Experiment[] = [
  {
    ...SETTING,
    name: "table5/vanilla-at-frpat-batch-128",
    title: "CIFAR-100, vanilla AT + FRPAT in batches of 128, WRN-34-10",
    batchSize: 128,
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: { method: "vanilla-at" },
    regularizers: [FRPAT],
    attack: UNIFORM_PGD,
    reported: {
      source: "FRPAT, Table 5, batch size 128",
      clean: 66.39,
      pgd20: 29.88,
      cw20: 29.84,
      autoAttack: 25.81,
    },
  },
  {
    ...SETTING,
    name: "table5/vanilla-at-frpat-batch-256",
    title: "CIFAR-100, vanilla AT + FRPAT in batches of 256, WRN-34-10",
    batchSize: 256,
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: { method: "vanilla-at" },
    regularizers: [FRPAT],
    attack: UNIFORM_PGD,
    reported: {
      source: "FRPAT, Table 5, batch size 256",
      clean: 66.55,
      pgd20: 31.08,
      cw20: 30.72,
      autoAttack: 26.07,
    },
  },
  {
    ...SETTING,
    name: "table5/vanilla-at-frpat-batch-384",
    title: "CIFAR-100, vanilla AT + FRPAT in batches of 384, WRN-34-10",
    batchSize: 384,
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: { method: "vanilla-at" },
    regularizers: [FRPAT],
    attack: UNIFORM_PGD,
    reported: {
      source: "FRPAT, Table 5, batch size 384",
      clean: 66.26,
      pgd20: 30.60,
      cw20: 30.16,
      autoAttack: 25.41,
    },
  },
];
