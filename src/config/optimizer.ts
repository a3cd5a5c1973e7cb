// Stochastic gradient descent, and its learning rate as a pure function of the step,
// so that a resumed run follows the same curve.

import {
  boolean,
  type Field,
  type Fields,
  list,
  number,
  union,
  whole,
} from "../base/fields.ts";

/** The learning rate over a run. */
export type LearningRateSchedule =
  | {
    readonly kind: "step";
    readonly initial: number;
    /** Epochs, counted from 1, from whose start the rate is multiplied by `factor`. */
    readonly drops: readonly number[];
    readonly factor: number;
  }
  /** From `initial` down to 0 along half a cosine (Loshchilov & Hutter, 2017). */
  | { readonly kind: "cosine"; readonly initial: number }
  /** From 0 up to `peak` and back to 0, linear per step (Smith, 2017; Wong et al., 2020). */
  | {
    readonly kind: "cyclic";
    readonly peak: number;
    /** Where in the run the peak is, from 0 to 1. */
    readonly peakAt: number;
  };

/** Stochastic gradient descent, for student and teacher alike. */
export interface OptimizerConfig {
  /** The part of the velocity that a step keeps, from 0 to 1. */
  readonly momentum: number;
  /** Whether the momentum is Nesterov's. */
  readonly nesterov: boolean;
  /** On every parameter, batch norm's and biases included. */
  readonly weightDecay: number;
  /** The learning rate over the run. */
  readonly learningRate: LearningRateSchedule;
}

const LEARNING_RATE: Field = union("kind", {
  step: {
    about: "falls at once, from some epochs on",
    fields: {
      initial: number({
        least: 0,
        about: "the learning rate in the beginning",
      }),
      drops: list(whole({ least: 1, ceiling: 1_000_000 }), {
        about: "epochs from whose start it is multiplied by the factor",
        unreached(drops: readonly number[], epochs) {
          const late = drops.filter((drop) => drop > epochs);
          return late.length === 0 ? null : "The learning rate does not drop " +
            `at epoch ${late.join(" and ")}: the run ends with epoch ${epochs}`;
        },
      }),
      factor: number({ least: 0, about: "what it is multiplied by" }),
    },
  },
  cosine: {
    about: "falls to 0 along half a cosine",
    fields: {
      initial: number({
        least: 0,
        about: "the learning rate in the beginning",
      }),
    },
  },
  cyclic: {
    about: "rises from 0 and falls to 0",
    fields: {
      peak: number({ least: 0, about: "the largest learning rate" }),
      peakAt: number({
        least: 0,
        most: 1,
        about: "where in the run the peak is",
      }),
    },
  },
});

/** The fields of an {@linkcode OptimizerConfig}. */
export const OPTIMIZER: Fields<OptimizerConfig> = {
  momentum: number({
    least: 0,
    most: 1,
    about: "the part of the velocity that a step keeps",
  }),
  nesterov: boolean({ about: "whether the momentum is Nesterov's" }),
  weightDecay: number({
    least: 0,
    about: "on every parameter, biases included",
  }),
  learningRate: LEARNING_RATE,
};

/** A place in a run; steps count from 0. */
export interface Progress {
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

/** The learning rate of a step. */
export function learningRateAt(
  schedule: LearningRateSchedule,
  { step, stepsPerEpoch, epochs }: Progress,
): number {
  const total = stepsPerEpoch * epochs;
  switch (schedule.kind) {
    case "step": {
      const epoch = Math.floor(step / stepsPerEpoch) + 1;
      const drops = schedule.drops.filter((drop) => epoch >= drop).length;
      return schedule.initial * schedule.factor ** drops;
    }
    case "cosine":
      return schedule.initial * (1 + Math.cos(Math.PI * step / total)) / 2;
    case "cyclic": {
      const at = step / total;
      return schedule.peak *
        (at < schedule.peakAt
          ? at / schedule.peakAt
          : (1 - at) / (1 - schedule.peakAt));
    }
  }
}
