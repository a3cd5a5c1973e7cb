// How the authors of rows that the paper quotes train, by their code. Epochs are
// counted from 1 here: where code counts from 0, a drop "at 75" is one at 76.

import type {
  OptimizerConfig,
  WeightPerturbationConfig,
} from "../config/experiment.ts";

/** The length of a run, its descent, and what differs from the authors all the same. */
export interface Descent {
  readonly notes: readonly string[];
  readonly epochs: number;
  readonly optimizer: OptimizerConfig;
}

/** LBGAT's: the first epoch is slow, and the rate drops an epoch after TRADES'. */
export const LBGAT_DESCENT: Descent = {
  notes: [
    "Trained as LBGAT's authors do: a rate of 0.02 in the first epoch, and drops at 76 and 91",
  ],
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
  notes: [
    "Trained as MART's authors do: 90 epochs, a weight decay of 7e-4, and within 0.031",
  ],
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
  notes: [
    "Trained as the authors do: 120 epochs, a weight decay of 2e-4, and steps of 0.007",
    "The authors' network is Madry's of depth 32 and width 10; this is WRN-34-10",
  ],
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
  notes: [
    "Trained as AWP's authors do: 200 epochs, with drops after 100 and 150",
    "Images are normalized, and clean ones forwarded once more after the step, as by the authors",
  ],
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

/** AWP on vanilla AT, with what its authors' code does beside it. */
export const AWP_PERTURBATION: WeightPerturbationConfig = {
  gamma: 0.01,
  fromEpoch: 1,
  cleanForward: true,
};

/** What AWP on vanilla AT normalizes images by. */
export const AWP_NORMALIZATIONS = {
  cifar10: {
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.2471, 0.2435, 0.2616],
  },
  cifar100: {
    mean: [0.5071, 0.4867, 0.4408],
    std: [0.2675, 0.2565, 0.2761],
  },
} as const;

/** LAS-TRADES'. */
export const LAS_DESCENT: Descent = {
  notes: [
    "Trained as LAS-TRADES' authors do: 100 epochs, with drops after 75 and 90",
    "The reward is measured in train mode, whose forwards move the running statistics, as by the authors; they draw another strategy for the student, in eval mode, where here both have one",
    "The strategy's learning rate does not drop with the student's",
  ],
  epochs: 100,
  optimizer: {
    momentum: 0.9,
    nesterov: false,
    weightDecay: 5e-4,
    learningRate: { kind: "step", initial: 0.1, drops: [76, 91], factor: 0.1 },
  },
};
