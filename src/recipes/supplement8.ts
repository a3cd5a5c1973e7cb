// The rows of the FRPAT supplement's Table 8 (CIFAR-100): Table 7's setting with one
// hundred classes, and FRPAT's weight on the ramp over 100 epochs, at its end then.
//
// SAT is adversarial training with a curriculum (Sitawarin et al., 2020), not what
// others call self-adaptive training; its levels are a reconstruction. The quoted
// TRADES + LBGAT has the AutoAttack accuracy of LBGAT's network within 0.031.

import type { Experiment } from "../config/experiment.ts";
import {
  AWP_DESCENT,
  AWP_NORMALIZATIONS,
  AWP_PERTURBATION,
  LAS_DESCENT,
  LBGAT_DESCENT,
} from "./authors_settings.ts";
import { LAS_TRADES_100, STRATEGIC_PGD } from "./las_trades.ts";

const SETTING = {
  seed: 1,
  epochs: 110,
  batchSize: 128,
  data: { dataset: "cifar100" },
  augmentation: { padding: 4, flip: true },
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 5e-4,
    learningRate: {
      kind: "step",
      initial: 0.1,
      drops: [100, 105],
      factor: 0.1,
    },
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
        method: "pgd-restarts",
        norm: "linf",
        epsilon: "8/255",
        stepSize: "2/255",
        steps: 20,
        start: { kind: "uniform", clip: true },
        restarts: 1,
        stop: true,
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
  epsilon: "8/255",
  stepSize: "2/255",
  steps: 10,
  start: { kind: "uniform", clip: true },
  mode: "eval",
} as const;

/** SAT's attack, which stops at a difficulty that rises with the epoch. */
const CURRICULUM_PGD = {
  ...UNIFORM_PGD,
  method: "curriculum-pgd",
  level: { from: -1, to: 1, over: 75 },
} as const;

/** The attack on the divergence, which is flat at the image itself. */
const GAUSSIAN_PGD = {
  method: "pgd",
  norm: "linf",
  epsilon: "8/255",
  stepSize: "2/255",
  steps: 10,
  start: { kind: "gaussian", scale: 0.001 },
  mode: "eval",
} as const;

/** Experiments of the supplement's Table 8. */
export const SUPPLEMENT8: readonly Experiment[] = [
  {
    ...SETTING,
    name: "supplement8/vanilla-at",
    title: "CIFAR-100, vanilla AT, WRN-34-10",
    student: WIDE_RESNET,
    teacher: null,
    objective: { method: "vanilla-at" },
    regularizers: [],
    attack: UNIFORM_PGD,
    reported: {
      source:
        "FRPAT, supplement, Table 8, Vanilla AT; quoted there from Jia et al.",
      clean: 60.89,
      pgd20: 31.69,
      cw20: 30.10,
      autoAttack: 27.86,
    },
  },
  {
    ...SETTING,
    name: "supplement8/sat",
    title: "CIFAR-100, SAT (curriculum by probability), WRN-34-10",
    notes: [
      "SAT is the curriculum of Sitawarin et al. (2020); its levels are a reconstruction",
    ],
    student: WIDE_RESNET,
    teacher: null,
    objective: { method: "vanilla-at" },
    regularizers: [],
    attack: CURRICULUM_PGD,
    reported: {
      source: "FRPAT, supplement, Table 8, SAT; quoted there from Jia et al.",
      clean: 62.82,
      pgd20: 27.17,
      cw20: 27.32,
      autoAttack: 24.57,
    },
  },
  {
    ...SETTING,
    ...AWP_DESCENT,
    name: "supplement8/awp",
    title: "CIFAR-100, AWP on vanilla AT, WRN-34-10",
    weightPerturbation: AWP_PERTURBATION,
    student: { ...WIDE_RESNET, normalization: AWP_NORMALIZATIONS.cifar100 },
    teacher: null,
    objective: { method: "vanilla-at" },
    regularizers: [],
    attack: { ...UNIFORM_PGD, mode: "train" },
    reported: {
      source: "FRPAT, supplement, Table 8, AWP; quoted there from Jia et al.",
      clean: 60.38,
      pgd20: 33.86,
      cw20: 31.12,
      autoAttack: 28.86,
    },
  },
  {
    ...SETTING,
    name: "supplement8/trades",
    title: "CIFAR-100, TRADES, WRN-34-10",
    student: WIDE_RESNET,
    teacher: null,
    objective: { method: "trades", beta: 6, cleanForwards: 2 },
    regularizers: [],
    attack: GAUSSIAN_PGD,
    reported: {
      source:
        "FRPAT, supplement, Table 8, TRADES; quoted there from Jia et al.",
      clean: 58.61,
      pgd20: 28.66,
      cw20: 27.05,
      autoAttack: 25.94,
    },
  },
  {
    ...SETTING,
    ...LAS_DESCENT,
    name: "supplement8/las-trades",
    title: "CIFAR-100, LAS-TRADES, WRN-34-10",
    student: WIDE_RESNET,
    teacher: null,
    objective: LAS_TRADES_100,
    regularizers: [],
    attack: STRATEGIC_PGD,
    reported: {
      source:
        "FRPAT, supplement, Table 8, LAS-TRADES; quoted there from Jia et al.",
      clean: 60.62,
      pgd20: 32.53,
      cw20: 29.51,
      autoAttack: 28.12,
    },
  },
  {
    ...SETTING,
    name: "supplement8/trades-frpat",
    title: "CIFAR-100, TRADES + FRPAT, WRN-34-10 beside ResNet-18",
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: { method: "trades", beta: 6, cleanForwards: 2 },
    regularizers: [FRPAT],
    attack: GAUSSIAN_PGD,
    reported: {
      source: "FRPAT, supplement, Table 8, TRADES + Ours",
      clean: 67.47,
      pgd20: 34.99,
      cw20: 31.61,
      autoAttack: 28.95,
    },
  },
  {
    ...SETTING,
    ...LBGAT_DESCENT,
    name: "supplement8/trades-lbgat",
    title: "CIFAR-100, TRADES + LBGAT, WRN-34-10 beside ResNet-18",
    notes: [
      ...LBGAT_DESCENT.notes,
      "The quoted AutoAttack accuracy is of LBGAT's network within 0.031",
    ],
    student: WIDE_RESNET,
    teacher: RESNET18,
    objective: {
      method: "lbgat",
      base: { kind: "trades", beta: 6 },
      detach: false,
    },
    regularizers: [],
    attack: { ...GAUSSIAN_PGD, epsilon: "0.031", stepSize: "0.007" },
    reported: {
      source:
        "FRPAT, supplement, Table 8, TRADES + LBGAT; quoted there from Jia et al.",
      clean: 60.64,
      pgd20: 34.75,
      cw20: 30.65,
      autoAttack: 29.33,
    },
  },
  {
    ...SETTING,
    name: "supplement8/trades-lbgat-frpat",
    title: "CIFAR-100, TRADES + LBGAT + FRPAT, WRN-34-10",
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
      source: "FRPAT, supplement, Table 8, TRADES + LBGAT+ Ours",
      clean: 65.40,
      pgd20: 35.46,
      cw20: 32.36,
      autoAttack: 30.17,
    },
  },
];
