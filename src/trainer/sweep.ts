// Many runs, one after another or several at a time. Finished runs are skipped,
// interrupted ones are resumed, and a failed one is reported and does not stop the
// others, unless they would fail in the same way. A run that another process holds is
// passed over, and waited for at the end: that process finishes it, or ends and leaves it
// to be taken up. So any number of sweeps share one list.
//
// The caller starts each run in a process of its own, so that a crash of the GPU's driver
// does not end the sweep.

import type { Experiment } from "../config/experiment.ts";
import type { ResultCard } from "../runs/result_card.ts";
import { holderOf, waitForFolder } from "../runs/run_folder.ts";
import type { SweepRow } from "../runs/sweep_table.ts";
import { stateOf } from "./run_state.ts";

/** One run of a sweep. */
export interface SweepRun {
  /** The recipe's experiment, with its settings and seed. */
  readonly experiment: Experiment;
  /** Its folder. */
  readonly path: string;
  /** Names its row of the table; the recipe's name if left out. */
  readonly label?: string;
}

/** The runs that would fail as one did: it alone, those on its data set, or all. */
export type FailureScope = "run" | "data set" | "every run";

/** How a run ended. */
export type RunEnd =
  | { readonly kind: "done" }
  | { readonly kind: "interrupted" }
  | {
    readonly kind: "failed";
    readonly error: string;
    /** "run" if left out. */
    readonly scope?: FailureScope;
  };

/** Where a run stands in a sweep. */
export interface SweepPlace {
  /** Its number in the list, from 1. */
  readonly number: number;
  /** Runs in the list. */
  readonly of: number;
}

/** How to carry out the runs of a sweep. */
export interface SweepOptions<R extends SweepRun = SweepRun> {
  /** Carries out a run, from its beginning or, to resume, from where it is. */
  readonly train: (
    run: R,
    options: SweepPlace & { readonly resume: boolean },
  ) => Promise<RunEnd>;
  /** Whether a finished run has all that is wanted of it; always if left out. */
  readonly isComplete?: (run: R, card: ResultCard) => boolean;
  /** Runs at a time; 1 if left out. */
  readonly jobs?: number;
  /** Aborted to stop after the runs under way have stopped. */
  readonly signal?: AbortSignal;
  /** Called where another process trains a run and nothing else is left to do. */
  readonly onWait?: (holder: string) => void;
  /** Called before each run; `state` says what is there of it. */
  readonly onRun?: (
    run: R,
    place: SweepPlace & {
      readonly state: "new" | "begun" | "finished" | "held";
    },
  ) => void;
}

/** The result of a sweep: a row for each recipe, and what is not done. */
export interface SweepOutcome {
  readonly rows: readonly SweepRow[];
  /** Whether the sweep was stopped. */
  readonly interrupted: boolean;
  /** How many runs were not tried, as they would have failed as another did. */
  readonly untried: number;
}

/** Carries out every run that is not finished. */
export async function sweep<R extends SweepRun>(
  runs: readonly R[],
  options: SweepOptions<R>,
): Promise<SweepOutcome> {
  const sweep = new Sweep(runs, options);
  await sweep.visit([...runs.keys()]);
  while (sweep.held.size > 0 && !sweep.interrupted) await sweep.visitHeld();
  const { interrupted, untried } = sweep;
  return { rows: rowsOf(runs, sweep), interrupted, untried };
}

/** What is known of the runs while they are carried out. */
class Sweep<R extends SweepRun> {
  readonly cards = new Map<SweepRun, ResultCard>();
  readonly errors = new Map<SweepRun, string>();
  /** The positions of runs that other processes hold. */
  readonly held = new Set<number>();
  interrupted = false;
  untried = 0;
  readonly #runs: readonly R[];
  readonly #options: SweepOptions<R>;
  readonly #hopeless: ((run: R) => boolean)[] = [];

  constructor(runs: readonly R[], options: SweepOptions<R>) {
    this.#runs = runs;
    this.#options = options;
  }

  /** Carries out the runs at these positions of the list. */
  async visit(positions: readonly number[]): Promise<void> {
    const queue = [...positions];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined;) {
        await this.#carryOut(next);
        next = queue.shift();
      }
    };
    const { jobs = 1 } = this.#options;
    await Promise.all(Array.from({ length: jobs }, work));
  }

  /** Waits for the runs that other processes hold, one after another. */
  async visitHeld(): Promise<void> {
    const { signal, onWait } = this.#options;
    for (const index of [...this.held]) {
      const { path } = this.#runs[index]!;
      if (!await waitForFolder(path, { signal, onWait })) break;
      await this.visit([index]);
    }
    if (signal?.aborted) this.interrupted = true;
  }

  /** Carries out a run if need be. */
  async #carryOut(index: number): Promise<void> {
    const run = this.#runs[index]!;
    if (this.#options.signal?.aborted) this.interrupted = true;
    this.held.delete(index);
    try {
      const before = await stateOf(run);
      if (typeof before !== "string") this.cards.set(run, before);
      if (this.interrupted) return;
      const { isComplete = () => true } = this.#options;
      const finished = typeof before !== "string" && isComplete(run, before);
      if (!finished && this.#hopeless.some((fits) => fits(run))) {
        this.untried++;
        return;
      }
      const isHeld = !finished && await holderOf(run.path) !== null;
      if (isHeld) this.held.add(index);
      const there = before === "new" ? "new" : "begun";
      const state = finished ? "finished" : isHeld ? "held" : there;
      const place = { number: index + 1, of: this.#runs.length };
      this.#options.onRun?.(run, { ...place, state });
      if (finished || isHeld) return;
      const resume = state === "begun";
      const end = await this.#options.train(run, { ...place, resume });
      await this.#conclude(index, end);
    } catch (error) {
      this.errors.set(run, (error as Error).message);
    }
  }

  /** Takes down how a run ended. */
  async #conclude(index: number, end: RunEnd): Promise<void> {
    const run = this.#runs[index]!;
    if (end.kind === "interrupted") this.interrupted = true;
    const after = await stateOf(run);
    if (typeof after !== "string") this.cards.set(run, after);
    if (end.kind !== "failed") return;
    // Another process began it while this one made ready.
    if (await holderOf(run.path) !== null) return void this.held.add(index);
    this.errors.set(run, end.error);
    const { dataset } = run.experiment.data;
    if (end.scope === "every run") this.#hopeless.push(() => true);
    if (end.scope === "data set") {
      this.#hopeless.push((other) => other.experiment.data.dataset === dataset);
    }
  }
}

/** The runs of each recipe together, in the order of their first runs. */
function rowsOf(
  runs: readonly SweepRun[],
  { cards, errors }: {
    readonly cards: ReadonlyMap<SweepRun, ResultCard>;
    readonly errors: ReadonlyMap<SweepRun, string>;
  },
): SweepRow[] {
  const groups = Map.groupBy(runs, nameOf);
  return [...groups].map(([name, group]) => ({
    name,
    title: group[0]!.experiment.title,
    reported: group[0]!.experiment.reported,
    cards: group.flatMap((run) => cards.get(run) ?? []),
    runs: group.length,
    errors: group.flatMap((run) => {
      const error = errors.get(run);
      const { seed } = run.experiment;
      return error === undefined ? [] : [`seed ${seed}: ${error}`];
    }),
  }));
}

function nameOf({ label, experiment }: SweepRun): string {
  return label ?? experiment.name;
}
