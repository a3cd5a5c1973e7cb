// The rows of the FRPAT paper's Table 1 (CIFAR-10): standard training, and vanilla
// AT and TRADES, each with and without LBGAT and FRPAT.
//
// Numbers are those of section 3.1; what it leaves open follows the code that it
// builds on: TRADES and LBGAT (attacks in eval mode, TRADES from a normal start,
// the standard network with a stride of 1 in its second stage, PGD-20 from a
// uniform start in steps of 0.003). LBGAT on vanilla AT adds its squared error to
// the cross-entropy on adversarial images, as FRPAT's supplement has it; on TRADES
// the student has no cross-entropy of its own, as in LBGAT's code. The error is to the
// teacher's logits of clean images, though the supplement prints adversarial ones.
// Here the best epoch is chosen on held-out training images; the paper chose it on the
// test set. Times of an epoch that it prints, in Table 3, are of this pair of networks.
//
// The quoted rows were measured by LBGAT's authors with scripts of their own. Of
// LBGAT the quoted TRADES row has beta = 6, as here; with beta = 0 its authors
// report 88.22 on clean images.

import type { Experiment } from "../config/experiment.ts";
import { LBGAT_DESCENT } from "./authors_settings.ts";

const SETTING = {
  seed: 1,
  epochs: 100,
  batchSize: 128,
  data: { dataset: "cifar10" },
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
  weight: { kind: "constant", value: 5 },
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

/** Experiments of Table 1. */
export const TABLE1: readonly Experiment[] = [
  {
    ...SETTING,
    name: "table1/standard",
    title: "CIFAR-10, standard training, ResNet-18",
    student: RESNET18,
    teacher: null,
    objective: { method: "standard" },
    regularizers: [],
    attack: null,
    reported: {
      source: "FRPAT, Table 1, Standard Training",
      clean: 94.46,
      pgd20: 0,
      cw20: 0,
      autoAttack: 0,
      relationClean: 94.94,
    },
  },
  {
    ...SETTING,
    name: "table1/vanilla-at",
    title: "CIFAR-10, vanilla AT, WRN-34-10",
    student: WIDE_RESNET,
    teacher: null,
    objective: { method: "vanilla-at" },
    regularizers: [],
    attack: UNIFORM_PGD,
    reported: {
      source: "FRPAT, Table 1, Vanilla AT",
      clean: 86.69,
      pgd20: 53.45,
      cw20: 53.72,
      autoAttack: 48.95,
      relationClean: 86.51,
      relationRobust: 53.94,
    },
  },
  {
    ...SETTING,
    name: "table1/vanilla-at-frpat",
    title: "CIFAR-10, vanilla AT + FRPAT, WRN-34-10 beside ResNet-18",
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: { method: "vanilla-at" },
    regularizers: [FRPAT],
    attack: UNIFORM_PGD,
    reported: {
      source: "FRPAT, Table 1, Vanilla AT + Ours",
      clean: 88.85,
      pgd20: 55.64,
      cw20: 56.18,
      autoAttack: 50.89,
      relationClean: 89.11,
      relationRobust: 56.55,
    },
  },
  {
    ...SETTING,
    name: "table1/vanilla-at-lbgat",
    title: "CIFAR-10, vanilla AT + LBGAT, WRN-34-10 beside ResNet-18",
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: { method: "lbgat", base: { kind: "vanilla-at" }, detach: false },
    regularizers: [],
    attack: UNIFORM_PGD,
    reported: {
      source: "FRPAT, Table 1, Vanilla AT + LBGAT",
      clean: 86.55,
      pgd20: 54.34,
      cw20: 53.35,
      autoAttack: 47.27,
      relationClean: 86.64,
      relationRobust: 54.26,
    },
  },
  {
    ...SETTING,
    name: "table1/vanilla-at-lbgat-frpat",
    title: "CIFAR-10, vanilla AT + LBGAT + FRPAT, WRN-34-10 beside ResNet-18",
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: { method: "lbgat", base: { kind: "vanilla-at" }, detach: false },
    regularizers: [FRPAT],
    attack: UNIFORM_PGD,
    reported: {
      source: "FRPAT, Table 1, Vanilla AT + LBGAT + Ours",
      clean: 89.42,
      pgd20: 56.21,
      cw20: 57.48,
      autoAttack: 51.77,
      relationClean: 89.25,
      relationRobust: 56.59,
    },
  },
  {
    ...SETTING,
    name: "table1/trades",
    title: "CIFAR-10, TRADES, WRN-34-10",
    notes: [
      "Quoted from LBGAT, which does not say how it trained TRADES; this is the paper's own setting",
    ],
    student: WIDE_RESNET,
    teacher: null,
    objective: { method: "trades", beta: 6, cleanForwards: 2 },
    regularizers: [],
    attack: GAUSSIAN_PGD,
    reported: {
      source: "FRPAT, Table 1, TRADES; accuracies quoted there from LBGAT",
      clean: 84.42,
      pgd20: 56.59,
      cw20: 54.91,
      autoAttack: 51.91,
      relationClean: 85.58,
      relationRobust: 56.73,
    },
  },
  {
    ...SETTING,
    name: "table1/trades-frpat",
    title: "CIFAR-10, TRADES + FRPAT, WRN-34-10 beside ResNet-18",
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: { method: "trades", beta: 6, cleanForwards: 2 },
    regularizers: [FRPAT],
    attack: GAUSSIAN_PGD,
    reported: {
      source: "FRPAT, Table 1, TRADES + Ours",
      clean: 87.30,
      pgd20: 58.20,
      cw20: 56.31,
      autoAttack: 53.09,
      relationClean: 90.01,
      relationRobust: 58.86,
    },
  },
  {
    ...SETTING,
    ...LBGAT_DESCENT,
    name: "table1/trades-lbgat",
    title: "CIFAR-10, TRADES + LBGAT, WRN-34-10 beside ResNet-18",
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: {
      method: "lbgat",
      base: { kind: "trades", beta: 6 },
      detach: false,
    },
    regularizers: [],
    attack: GAUSSIAN_PGD,
    reported: {
      source:
        "FRPAT, Table 1, TRADES + LBGAT; accuracies quoted there from LBGAT",
      clean: 81.98,
      pgd20: 57.78,
      cw20: 55.53,
      autoAttack: 53.14,
      relationClean: 84.57,
      relationRobust: 57.79,
    },
  },
  {
    ...SETTING,
    name: "table1/trades-lbgat-frpat",
    title: "CIFAR-10, TRADES + LBGAT + FRPAT, WRN-34-10 beside ResNet-18",
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: {
      method: "lbgat",
      base: { kind: "trades", beta: 6 },
      detach: false,
    },
    regularizers: [FRPAT],
    attack: GAUSSIAN_PGD,
    reported: {
      source: "FRPAT, Table 1, TRADES + LBGAT + Ours",
      clean: 87.62,
      pgd20: 57.73,
      cw20: 58.08,
      autoAttack: 53.64,
      relationClean: 89.50,
      relationRobust: 57.02,
    },
  },
];
