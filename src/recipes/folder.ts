// Experiments on the user's own images, in a folder of class folders that `--data`
// names: a beginning to change by `--set`. The numbers are usual ones for CIFAR:
// ResNet-18 on 32 x 32 pixels, PGD-10 within 8/255.

import type { Experiment } from "../config/experiment.ts";

const SETTING = {
  seed: 1,
  epochs: 30,
  batchSize: 128,
  data: { dataset: "folder", size: 32 },
  augmentation: { padding: 4, flip: true },
  student: { network: "resnet18" },
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 5e-4,
    learningRate: { kind: "cyclic", peak: 0.2, peakAt: 0.4 },
  },
  weightPerturbation: null,
  recompute: false,
  precision: "f32",
  evaluation: {
    validation: 256,
    every: 1,
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

/** Experiments on a folder of images. */
export const FOLDER: readonly Experiment[] = [
  {
    ...SETTING,
    name: "folder/standard",
    title: "A folder of images, standard training, ResNet-18",
    teacher: null,
    objective: { method: "standard" },
    regularizers: [],
    attack: null,
    reported: null,
  },
  {
    ...SETTING,
    name: "folder/vanilla-at",
    title: "A folder of images, vanilla AT, ResNet-18",
    teacher: null,
    objective: { method: "vanilla-at" },
    regularizers: [],
    attack: {
      method: "pgd",
      norm: "linf",
      epsilon: "8/255",
      stepSize: "2/255",
      steps: 10,
      start: { kind: "uniform", clip: true },
      mode: "eval",
    },
    reported: null,
  },
  {
    ...SETTING,
    name: "folder/trades",
    title: "A folder of images, TRADES, ResNet-18",
    teacher: null,
    objective: { method: "trades", beta: 6, cleanForwards: 2 },
    regularizers: [],
    attack: {
      method: "pgd",
      norm: "linf",
      epsilon: "8/255",
      stepSize: "2/255",
      steps: 10,
      start: { kind: "gaussian", scale: 0.001 },
      mode: "eval",
    },
    reported: null,
  },
];
