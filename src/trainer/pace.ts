// How fast the steps of an epoch are. The first one is slower than the others: drivers
// finish compiling when a kernel first runs. It counts only while it is the only one.

/** Steps taken by a time in milliseconds. */
interface Mark {
  readonly step: number;
  readonly time: number;
}

/** Measures the steps of an epoch, or of the rest of one. */
export class Pace {
  /** When the sums were last read, in milliseconds. */
  read = -Infinity;
  readonly #began: Mark;
  readonly #now: () => number;
  #first: Mark | null = null;

  /** Begins with the steps taken so far; `now` is a clock in milliseconds. */
  constructor(began: Mark, now: () => number = () => performance.now()) {
    this.#began = began;
    this.#now = now;
  }

  /** Whether nothing has been read yet. */
  get isFirst(): boolean {
    return this.read === -Infinity;
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return (this.#now() - this.#began.time) / 1000;
  }

  /** Seconds that each step took, where `step` steps are done just now. */
  secondsPerStep(step: number): number {
    const time = this.#now();
    const from = this.#first && this.#first.step < step
      ? this.#first
      : this.#began;
    this.#first ??= { step, time };
    return (time - from.time) / 1000 / (step - from.step);
  }
}
