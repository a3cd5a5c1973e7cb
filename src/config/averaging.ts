// Averages of the student's weights over training: an exponential moving average (EMA), or
// stochastic weight averaging (SWA, Izmailov et al., 2018). Both move the average towards
// the newest weights after a step,
//
//   average := average + weight (newest - average)
//
// and differ in the weight, a pure function of the step: 1 in the first update, which copies,
// as in `AveragedModel` of PyTorch; then 1 - decay in every step (EMA), or 1 / n in the
// n-th of a few (SWA).

import {
  choice,
  type Field,
  number,
  optional,
  union,
  whole,
} from "../base/fields.ts";
import { firstEpoch } from "../methods/epoch_schedule.ts";

/** How the student's weights are averaged. */
export type AveragingConfig =
  | {
    readonly kind: "ema";
    /** The part of the average that a step keeps, below 1: 0.995 in many papers. */
    readonly decay: number;
    /**
     * Batch norm's running statistics: "copied" from the student, as `AveragedModel` does
     * and the code of Rebuffi et al. (2021), if left out; or "averaged" like weights.
     */
    readonly statistics?: "copied" | "averaged";
  }
  | {
    readonly kind: "swa";
    /** The first epoch, from 1, whose weights are in the average. */
    readonly fromEpoch: number;
    /** Steps between two updates; one at the end of each epoch if left out. */
    readonly every?: number;
  };

/** The field of an {@linkcode AveragingConfig}. */
export const AVERAGING: Field = union("kind", {
  ema: {
    about: "an exponential moving average over all steps",
    fields: {
      decay: number({
        least: 0,
        below: 1,
        about: "the part of the average that a step keeps",
      }),
      statistics: optional(choice(["copied", "averaged"]), {
        about: "whether running statistics are the student's, or averaged",
      }),
    },
  },
  swa: {
    about: "the mean over epochs, with running statistics computed anew",
    fields: {
      fromEpoch: firstEpoch({
        what: "Averaging of weights",
        about: "the first epoch whose weights are in the average",
      }),
      every: optional(whole({ least: 1, ceiling: 1_000_000_000 }), {
        about: "steps between two updates; else one after each epoch",
      }),
    },
  },
}, { about: "an average of the student's weights, measured beside it" });

/** A step, counted from 0. */
export interface AveragedStep {
  readonly step: number;
  readonly stepsPerEpoch: number;
}

/** The weight of the newest values in the update behind a step; 0 where there is none. */
export function averagingWeight(
  config: AveragingConfig,
  { step, stepsPerEpoch }: AveragedStep,
): number {
  if (config.kind === "ema") return step === 0 ? 1 : 1 - config.decay;
  const steps = step + 1 - (config.fromEpoch - 1) * stepsPerEpoch;
  const { every = stepsPerEpoch } = config;
  return steps > 0 && steps % every === 0 ? every / steps : 0;
}
