// Ctrl-C: the first asks a run to save and stop, the next ends the process. What
// a terminal sends reaches a program several times where another one started it
// and passes signals on, so that signals in quick succession are one.

/** Milliseconds within which signals count as one. */
const SAME = 1000;

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

/** What to do about signals. */
export interface InterruptionOptions {
  /** Called at the first one, after the signal is aborted. */
  readonly onFirst: () => void;
  /** Called at the next one. */
  readonly onSecond: () => void;
}

/** Listens for signals until it is disposed of. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #handle: () => void;

  constructor({ onFirst, onSecond }: InterruptionOptions) {
    let first = -Infinity;
    this.#handle = () => {
      const now = performance.now();
      if (!this.signal.aborted) {
        first = now;
        this.#controller.abort();
        onFirst();
      } else if (now - first > SAME) onSecond();
    };
    for (const name of SIGNALS) Deno.addSignalListener(name, this.#handle);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Gives the signals back their usual meaning. */
  dispose(): void {
    for (const name of SIGNALS) Deno.removeSignalListener(name, this.#handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
