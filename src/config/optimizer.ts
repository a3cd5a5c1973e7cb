// Stochastic gradient descent, and its learning rate as a pure function of the step,
// so that a resumed run follows the same curve.

import {
  boolean,
  choice,
  type Field,
  type Fields,
  list,
  type Mismatch,
  number,
  object,
  optional,
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
  /** Any rates, each from the start of an epoch on: a warm-up, drops of any size. */
  | {
    readonly kind: "list";
    /** Rates, and the epochs, from 1, from whose start they hold. */
    readonly rates: readonly {
      readonly epoch: number;
      readonly rate: number;
    }[];
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
  /** On every parameter, batch norm's and biases included, unless `decay` says less. */
  readonly weightDecay: number;
  /** What decays: "all" parameters, if left out, or "weights" of two axes and more. */
  readonly decay?: "all" | "weights";
  /** The learning rate over the run. */
  readonly learningRate: LearningRateSchedule;
}

type ListedRate = Extract<
  LearningRateSchedule,
  { readonly kind: "list" }
>["rates"][number];

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
          return late.length === 0 ? null : notReached(late, epochs);
        },
      }),
      factor: number({ least: 0, about: "what it is multiplied by" }),
    },
  },
  list: {
    about: "any rates, each from an epoch on",
    fields: {
      rates: list(
        object<ListedRate>({
          epoch: whole({
            least: 1,
            ceiling: 1_000_000,
            about: "from whose start it holds",
          }),
          rate: number({ least: 0, about: "the learning rate" }),
        }),
        {
          least: 1,
          about: "from epoch 1, in the order of their epochs",
          unreached(rates: readonly ListedRate[], epochs) {
            const late = rates.map(({ epoch }) => epoch)
              .filter((epoch) => epoch > epochs);
            return late.length === 0 ? null : notReached(late, epochs);
          },
        },
      ),
    },
    check: checkRates,
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

function notReached(late: readonly number[], epochs: number): string {
  return `The learning rate does not drop at epoch ${
    late.join(" and ")
  }: the ` +
    `run ends with epoch ${epochs}`;
}

/** Every epoch has a rate, and rates come in the order of their epochs. */
function checkRates(
  { rates }: { readonly rates: readonly ListedRate[] },
): Mismatch | null {
  const epochs = rates.map(({ epoch }) => epoch);
  const rises = epochs.every((epoch, i) => i === 0 || epoch > epochs[i - 1]!);
  if (rises && epochs[0] === 1) return null;
  const expected = "a list from epoch 1 on, in the order of epochs";
  return { path: "rates", expected, found: epochs.join(", ") };
}

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
  decay: optional(choice(["all", "weights"]), {
    about: "what decays; weights: no batch norms and no biases",
  }),
  learningRate: LEARNING_RATE,
};

/** The weight decay of a parameter of some shape. */
export function weightDecayOf(
  { weightDecay, decay = "all" }: Pick<
    OptimizerConfig,
    "weightDecay" | "decay"
  >,
  { shape }: { readonly shape: readonly number[] },
): number {
  return decay === "all" || shape.length > 1 ? weightDecay : 0;
}

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
    case "list": {
      const epoch = Math.floor(step / stepsPerEpoch) + 1;
      return schedule.rates.findLast((one) => epoch >= one.epoch)!.rate;
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
