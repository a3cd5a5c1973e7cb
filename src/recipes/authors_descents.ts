// How the authors of rows that the paper quotes descend, by their code. Epochs are
// counted from 1 here: where code counts from 0, a drop "at 75" is one at 76.

import type { OptimizerConfig } from "../config/experiment.ts";

/** The length of a run, and its descent. */
export interface Descent {
  readonly epochs: number;
  readonly optimizer: OptimizerConfig;
}

/** LBGAT's: the first epoch is slow, and the rate drops an epoch after TRADES'. */
export const LBGAT_DESCENT: Descent = {
  epochs: 100,
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 2e-4,
    learningRate: {
      kind: "list",
      rates: [
        { epoch: 1, rate: 0.02 },
        { epoch: 2, rate: 0.1 },
        { epoch: 76, rate: 0.01 },
        { epoch: 91, rate: 0.001 },
      ],
    },
  },
};

/** MART's. */
export const MART_DESCENT: Descent = {
  epochs: 90,
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 7e-4,
    learningRate: { kind: "step", initial: 0.1, drops: [75, 90], factor: 0.1 },
  },
};

/** FAT's and GAIRAT's, which are the same: the last drop is by half. */
export const FRIENDLY_DESCENT: Descent = {
  epochs: 120,
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 2e-4,
    learningRate: {
      kind: "list",
      rates: [
        { epoch: 1, rate: 0.1 },
        { epoch: 60, rate: 0.01 },
        { epoch: 90, rate: 0.001 },
        { epoch: 110, rate: 0.0005 },
      ],
    },
  },
};

/** AWP's. */
export const AWP_DESCENT: Descent = {
  epochs: 200,
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 5e-4,
    learningRate: {
      kind: "step",
      initial: 0.1,
      drops: [101, 151],
      factor: 0.1,
    },
  },
};

/** LAS-TRADES'. */
export const LAS_DESCENT: Descent = {
  epochs: 100,
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 5e-4,
    learningRate: { kind: "step", initial: 0.1, drops: [76, 91], factor: 0.1 },
  },
};
