// How long a run still takes: its steps, and the evaluations among them and at its end.
// Each is judged by its own speed, as last measured. Before the first evaluation its
// work is expected at the speed of training; compilation is no part of either.

/** The work of a run, in floating-point operations unless it says otherwise. */
export interface RunWork {
  /** Steps of the whole run. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Epochs between two evaluations; the last epoch has one in any case. */
  readonly every: number;
  readonly step: number;
  /** The evaluations after an epoch. */
  readonly validation: number;
  /** All evaluations on the test images at the end. */
  readonly test: number;
}

/** A part of an evaluation that is done. */
export interface EvaluatedPart {
  /** Whether it is of those at the end, on the test images. */
  readonly isTest: boolean;
  /** Steps that the networks have taken. */
  readonly step: number;
  readonly flops: number;
  readonly seconds: number;
}

/** Measures speeds, and says how long the rest takes. */
export class TimeLeft {
  readonly #work: RunWork;
  #stepSeconds: number | null = null;
  readonly #evaluations = { flops: 0, seconds: 0 };
  /** The evaluations after the latest step that had some. */
  #latest: Omit<EvaluatedPart, "seconds"> | null = null;

  constructor(work: RunWork) {
    this.#work = work;
  }

  /** Takes in what a step takes now. */
  trained(secondsPerStep: number): void {
    this.#stepSeconds = secondsPerStep;
  }

  /** Takes in a part of an evaluation. */
  evaluated({ isTest, step, flops, seconds }: EvaluatedPart): void {
    this.#evaluations.flops += flops;
    this.#evaluations.seconds += seconds;
    const latest = this.#latest;
    const isSame = latest?.step === step && latest.isTest === isTest;
    const before = isSame ? latest.flops : 0;
    this.#latest = { isTest, step, flops: before + flops };
  }

  /**
   * Seconds from the end of a step, and of the evaluations after it that were taken
   * in, to the end of the run; null before anything is measured.
   */
  seconds(step: number): number | null {
    const { flops, seconds } = this.#evaluations;
    const measured = flops > 0 ? seconds / flops : null;
    const perStep = this.#stepSeconds ??
      (measured === null ? null : measured * this.#work.step);
    if (perStep === null) return null;
    const perFlop = measured ?? perStep / this.#work.step;
    const steps = this.#work.steps - step;
    return steps * perStep + this.#evaluationsAfter(step) * perFlop;
  }

  /** Operations of the evaluations that are still to come. */
  #evaluationsAfter(step: number): number {
    const { stepsPerEpoch, validation, test } = this.#work;
    const epochs = Math.floor(step / stepsPerEpoch);
    const latest = this.#latest?.step === step ? this.#latest : null;
    if (latest?.isTest) return Math.max(0, test - latest.flops);
    const done = latest ? epochs - 1 : epochs;
    const left = this.#validationsAfter(done) * validation + test;
    return left - (latest?.flops ?? 0);
  }

  /** Evaluations on held-out images after more epochs than these. */
  #validationsAfter(done: number): number {
    const { steps, stepsPerEpoch, every } = this.#work;
    const epochs = steps / stepsPerEpoch;
    if (done >= epochs) return 0;
    const regular = Math.floor(epochs / every) - Math.floor(done / every);
    return epochs % every === 0 ? regular : regular + 1;
  }
}
