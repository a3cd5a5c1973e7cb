// How much work a device gets at once. Deno waits for a GPU without letting anything
// else run, signal handlers included, and a software adapter takes a second submission
// only once the first is done. A step of a large network takes minutes there. So long
// programs are submitted in pieces of a second or two, as fast as the device was found
// to be, and whatever waits gets its turn between them.

/** Seconds of work between two turns. A turn costs some 10 ms. */
const SECONDS = { software: 1, gpu: 2 } as const;

/** Work per second that is expected before any was measured. */
const EXPECTED = { software: 5e9, gpu: 1e12 } as const;

/**
 * Counts the work that a device has not done yet: operations and bytes, which only
 * have to be comparable with each other.
 */
export class Turns {
  /** The program that is cut into pieces and under way; null if there is none. */
  running: string | null = null;
  /** Work per second. */
  #rate: number;
  readonly #seconds: number;
  #submitted = 0;
  #began = 0;
  readonly #now: () => number;

  /** `now` is a clock in milliseconds. */
  constructor(
    adapterClass: keyof typeof SECONDS,
    now: () => number = () => performance.now(),
  ) {
    this.#rate = EXPECTED[adapterClass];
    this.#seconds = SECONDS[adapterClass];
    this.#now = now;
  }

  /** Work that may be submitted before the next turn. */
  get budget(): number {
    return this.#rate * this.#seconds - this.#submitted;
  }

  /** Notes that work was submitted. */
  submitted(work: number): void {
    if (this.#submitted === 0) this.#began = this.#now();
    this.#submitted += work;
  }

  /** Notes that the device has done all of it, which tells how fast it is. */
  drained(): void {
    const seconds = (this.#now() - this.#began) / 1000;
    if (this.#submitted > 0 && seconds > 0) {
      this.#rate = this.#submitted / seconds;
    }
    this.#submitted = 0;
  }
}
