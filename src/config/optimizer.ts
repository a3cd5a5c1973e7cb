// The optimizers, and their learning rate as a pure function of the step, so that a resumed
// run follows the same curve.

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

/** An optimizer, for student and teacher alike. */
export type OptimizerConfig = SgdConfig | AdamWConfig;

/** What every optimizer has. */
export interface DescentConfig {
  /** On every parameter, batch norm's and biases included, unless `decay` says less. */
  readonly weightDecay: number;
  /** What decays: "all" parameters, if left out, or "weights" of two axes and more. */
  readonly decay?: "all" | "weights";
  /** The learning rate over the run. */
  readonly learningRate: LearningRateSchedule;
}

/** Stochastic gradient descent. */
export interface SgdConfig extends DescentConfig {
  /** Stochastic gradient descent if left out. */
  readonly kind?: "sgd";
  /** The part of the velocity that a step keeps, from 0 to 1. */
  readonly momentum: number;
  /** Whether the momentum is Nesterov's. */
  readonly nesterov: boolean;
}

/** AdamW (Loshchilov & Hutter, 2019) with PyTorch's defaults; its decay is decoupled. */
export interface AdamWConfig extends DescentConfig {
  /** Tells it from stochastic gradient descent. */
  readonly kind: "adamw";
  /** The part of the mean gradient that a step keeps; 0.9 if left out. */
  readonly beta1?: number;
  /** The part of the mean squared gradient that a step keeps; 0.999 if left out. */
  readonly beta2?: number;
  /** Added to the root of the mean square; 1e-8 if left out. */
  readonly epsilon?: number;
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

const DESCENT: Fields<DescentConfig> = {
  weightDecay: number({
    least: 0,
    about: "on every parameter, biases included",
  }),
  decay: optional(choice(["all", "weights"]), {
    about: "what decays; weights: no batch norms and no biases",
  }),
  learningRate: LEARNING_RATE,
};

const SGD: Fields<Omit<SgdConfig, "kind">> = {
  momentum: number({
    least: 0,
    most: 1,
    about: "the part of the velocity that a step keeps",
  }),
  nesterov: boolean({ about: "whether the momentum is Nesterov's" }),
  ...DESCENT,
};

const beta = (about: string): Field =>
  optional(number({ least: 0, below: 1, about }));

const ADAMW: Fields<Omit<AdamWConfig, "kind">> = {
  beta1: beta("the part of the mean gradient that a step keeps, else 0.9"),
  beta2: beta("the part of the mean square that a step keeps, else 0.999"),
  epsilon: optional(number({ above: 0 }), {
    about: "added to the root of the mean square, else 1e-8",
  }),
  ...DESCENT,
};

/** The field of an {@linkcode OptimizerConfig}. */
export const OPTIMIZER: Field = union("kind", {
  sgd: { about: "stochastic gradient descent", fields: SGD },
  adamw: {
    about: "AdamW, with decoupled weight decay",
    fields: ADAMW,
    doubt: doubtRate,
  },
}, { otherwise: "sgd" });

/** The highest learning rate of AdamW that is no doubt meant. */
const HIGH = 0.01;

/** Rates of SGD are some hundred times those of AdamW. */
function doubtRate({ learningRate }: AdamWConfig): string | null {
  const rates = learningRate.kind === "list"
    ? learningRate.rates.map(({ rate }) => rate)
    : [
      learningRate.kind === "cyclic" ? learningRate.peak : learningRate.initial,
    ];
  const highest = Math.max(...rates);
  return highest <= HIGH
    ? null
    : `AdamW moves each weight by about the learning rate, usually 1e-3, which ` +
      `is ${highest} here`;
}

/** The numbers of AdamW, with PyTorch's defaults. */
export function adamwNumbers(
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamWConfig,
): Required<Pick<AdamWConfig, "beta1" | "beta2" | "epsilon">> {
  return { beta1, beta2, epsilon };
}

/** The weight decay of a parameter of some shape. */
export function weightDecayOf(
  { weightDecay, decay = "all" }: Pick<
    DescentConfig,
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
