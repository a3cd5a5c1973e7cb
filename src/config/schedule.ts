// The learning rate as a pure function of the step, so that a resumed run follows
// the same curve.

/** How the learning rate moves over a run. */
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
