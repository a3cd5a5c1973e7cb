// The networks of the FRPAT paper's Figure 2 (CIFAR-100): standard training, and TRADES
// of rising strength, whose relations are scored. The text gives the standard network
// as ResNet-18 and says nothing of the others; here they are the same, so that the
// scores compare. Those of Tables 1 and 2 are of WRN-34-10: not to be mixed with these.
// The figure prints no numbers; its standard network is Table 2's.

import type { Experiment } from "../config/experiment.ts";

const SETTING = {
  seed: 1,
  epochs: 100,
  batchSize: 128,
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

/** LBGAT's ResNet-18, the paper's standard network. */
const RESNET18 = { network: "resnet18-lbgat" } as const;

/** The attack on the divergence, which is flat at the image itself. */
const GAUSSIAN_PGD = {
  method: "pgd",
  norm: "linf",
  epsilon: "0.031",
  stepSize: "0.007",
  steps: 10,
  start: { kind: "gaussian", scale: 0.001 },
  mode: "eval",
} as const;

/** Experiments of Figure 2. */
export const FIGURE2: readonly Experiment[] = [
  {
    ...SETTING,
    name: "figure2/standard",
    title: "CIFAR-100, standard training, ResNet-18",
    student: RESNET18,
    teacher: null,
    objective: { method: "standard" },
    regularizers: [],
    attack: null,
    reported: {
      source: "FRPAT, Figure 2 and Table 2, Standard Training",
      clean: 77.39,
      pgd20: 0,
      relationClean: 77.07,
    },
  },
  {
    ...SETTING,
    name: "figure2/trades-beta-1",
    title: "CIFAR-100, TRADES of beta 1, ResNet-18",
    student: RESNET18,
    teacher: null,
    objective: { method: "trades", beta: 1, cleanForwards: 2 },
    regularizers: [],
    attack: GAUSSIAN_PGD,
    reported: null,
  },
  {
    ...SETTING,
    name: "figure2/trades-beta-2",
    title: "CIFAR-100, TRADES of beta 2, ResNet-18",
    student: RESNET18,
    teacher: null,
    objective: { method: "trades", beta: 2, cleanForwards: 2 },
    regularizers: [],
    attack: GAUSSIAN_PGD,
    reported: null,
  },
  {
    ...SETTING,
    name: "figure2/trades-beta-3",
    title: "CIFAR-100, TRADES of beta 3, ResNet-18",
    student: RESNET18,
    teacher: null,
    objective: { method: "trades", beta: 3, cleanForwards: 2 },
    regularizers: [],
    attack: GAUSSIAN_PGD,
    reported: null,
  },
  {
    ...SETTING,
    name: "figure2/trades-beta-4",
    title: "CIFAR-100, TRADES of beta 4, ResNet-18",
    student: RESNET18,
    teacher: null,
    objective: { method: "trades", beta: 4, cleanForwards: 2 },
    regularizers: [],
    attack: GAUSSIAN_PGD,
    reported: null,
  },
  {
    ...SETTING,
    name: "figure2/trades-beta-5",
    title: "CIFAR-100, TRADES of beta 5, ResNet-18",
    student: RESNET18,
    teacher: null,
    objective: { method: "trades", beta: 5, cleanForwards: 2 },
    regularizers: [],
    attack: GAUSSIAN_PGD,
    reported: null,
  },
  {
    ...SETTING,
    name: "figure2/trades-beta-6",
    title: "CIFAR-100, TRADES of beta 6, ResNet-18",
    student: RESNET18,
    teacher: null,
    objective: { method: "trades", beta: 6, cleanForwards: 2 },
    regularizers: [],
    attack: GAUSSIAN_PGD,
    reported: null,
  },
];
