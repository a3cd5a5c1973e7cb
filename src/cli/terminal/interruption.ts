// Requests to stop: Ctrl-C, the end of a job or of its terminal, SIGUSR1, which batch
// systems send before a time limit, and output that was closed. The first one asks a run
// to save and stop; a second signal ends the process. Ctrl-C reaches a program several times where another one started
// it and passes signals on, so that signals in quick succession count as one.
//
// `nohup` keeps the hangup from the programs that leave its handling alone. A run
// handles it, and so also stops under `nohup`: with everything saved.

/** Milliseconds within which signals count as one. */
const SAME = 1000;

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"];

/** Callbacks for requests to stop. */
export interface InterruptionOptions {
  /** Called at the first request, after {@linkcode Interruption.signal} is aborted. */
  readonly onFirst: () => void;
  /** Called at each later signal. */
  readonly onSecond: () => void;
  /**
   * Whether signals keep their usual meaning until {@linkcode Interruption.listen}:
   * before there is anything to save, and while nothing could hear them.
   */
  readonly waits?: boolean;
}

/** Listens for signals, until it is disposed of. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onFirst: () => void;
  readonly #handle: () => void;
  #first = -Infinity;
  #listens = false;

  constructor({ onFirst, onSecond, waits = false }: InterruptionOptions) {
    this.#onFirst = onFirst;
    this.#handle = () => {
      if (!this.signal.aborted) this.stop();
      else if (performance.now() - this.#first > SAME) onSecond();
    };
    if (!waits) this.listen();
  }

  /** Listens from now on. Does nothing the next time. */
  listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    for (const name of SIGNALS) Deno.addSignalListener(name, this.#handle);
  }

  /** Aborted by the first request to stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Asks to stop, as the first signal does. Does nothing the next time. */
  stop(): void {
    if (this.signal.aborted) return;
    this.#first = performance.now();
    this.#controller.abort();
    this.#onFirst();
  }

  /** Gives the signals back their usual meaning. */
  dispose(): void {
    if (!this.#listens) return;
    this.#listens = false;
    for (const name of SIGNALS) Deno.removeSignalListener(name, this.#handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
