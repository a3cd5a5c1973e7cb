// LAS-TRADES (Jia et al., 2022) with the numbers of its authors' code: what its second
// network may choose for every image, how that network learns, and what it is paid.
// For CIFAR-100 there is one more radius, and clean accuracy is paid half as much.

import type {
  ObjectiveConfig,
  TrainingAttackConfig,
} from "../config/experiment.ts";

const STRATEGY = {
  network: { network: "resnet18" },
  stepSize: ["2/255", "3/255", "4/255"],
  steps: [7, 8, 9, 10, 11, 12, 13, 14],
  beta: [5, 6, 7, 8, 9],
  interval: 1,
  optimizer: {
    learningRate: 1e-4,
    momentum: 0.9,
    weightDecay: 5e-4,
    largestNorm: 1,
  },
} as const;

const REWARD = {
  attack: {
    method: "pgd-restarts",
    norm: "linf",
    epsilon: "8/255",
    stepSize: "2/255",
    steps: 10,
    start: { kind: "uniform", clip: true },
    restarts: 2,
    stop: true,
  },
  robust: 8,
  limit: 20,
  mode: "train",
} as const;

/** LAS-TRADES for CIFAR-10. */
export const LAS_TRADES_10: ObjectiveConfig = {
  method: "las-trades",
  strategy: {
    ...STRATEGY,
    epsilon: ["5/255", "6/255", "7/255", "8/255", "9/255"],
    reward: { ...REWARD, clean: 4 },
  },
};

/** LAS-TRADES for CIFAR-100. */
export const LAS_TRADES_100: ObjectiveConfig = {
  method: "las-trades",
  strategy: {
    ...STRATEGY,
    epsilon: ["5/255", "6/255", "7/255", "8/255", "9/255", "10/255"],
    reward: { ...REWARD, clean: 2 },
  },
};

/** Its attack, which follows the choices; the radius is that of a uniform start. */
export const STRATEGIC_PGD: TrainingAttackConfig = {
  method: "strategic-pgd",
  epsilon: "8/255",
  start: { kind: "gaussian", scale: 0.001 },
  steps: 14,
  mode: "eval",
};
