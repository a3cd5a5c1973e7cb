// Many runs, one after another. Finished runs are skipped, interrupted ones are resumed,
// and a failed one is reported and does not stop the others. The caller starts each run in
// a process of its own, so that a crash of the GPU's driver does not end the sweep.

import { UserError } from "../base/errors.ts";
import { fileInfo } from "../base/disk.ts";
import type { Experiment } from "../config/experiment.ts";
import { sameExperiment } from "../config/same_experiment.ts";
import type { ResultCard } from "../runs/result_card.ts";
import {
  holderOf,
  RunFolder,
  waitForFolder,
  type WaitOptions,
} from "../runs/run_folder.ts";
import type { SweepRow } from "../runs/sweep_table.ts";

/** One run of a sweep. */
export interface SweepRun {
  /** The recipe's experiment, with its settings and seed. */
  readonly experiment: Experiment;
  /** Its folder. */
  readonly path: string;
}

/** How a run ended. */
export type RunEnd =
  | { readonly kind: "done" }
  | { readonly kind: "interrupted" }
  | {
    readonly kind: "failed";
    readonly error: string;
    /** Whether the data set cannot be had: runs on the same one are not tried then. */
    readonly noData?: boolean;
  };

/** The callbacks of a sweep. */
export interface SweepOptions {
  /** Trains a run from its beginning, or resumes it. */
  readonly train: (
    run: SweepRun,
    options: { readonly resume: boolean },
  ) => Promise<RunEnd>;
  /** Whether a finished run has all that is wanted of it; always if left out. */
  readonly isComplete?: (run: SweepRun, card: ResultCard) => boolean;
  /** Aborted to stop after the run under way has stopped. */
  readonly signal?: AbortSignal;
  /** Called where another process trains a run, as one that outlived its sweep. */
  readonly onWait?: (holder: string) => void;
  /** Called before each run; `state` says what is there of it. */
  readonly onRun?: (
    run: SweepRun,
    place: {
      readonly number: number;
      readonly of: number;
      readonly state: "new" | "begun" | "finished";
    },
  ) => void;
}

/** The result of a sweep: a row for each recipe, and whether it was interrupted. */
export interface SweepOutcome {
  readonly rows: readonly SweepRow[];
  readonly interrupted: boolean;
}

/** Trains every run that is not finished. */
export async function sweep(
  runs: readonly SweepRun[],
  { train, isComplete = () => true, signal, onRun, onWait }: SweepOptions,
): Promise<SweepOutcome> {
  const cards = new Map<SweepRun, ResultCard>();
  const errors = new Map<SweepRun, string>();
  const missing = new Set<string>();
  let interrupted = false;
  for (const [i, run] of runs.entries()) {
    if (signal?.aborted) interrupted = true;
    try {
      const before = await stateOf(run);
      const state = typeof before === "string"
        ? before
        : isComplete(run, before)
        ? "finished"
        : "begun";
      const { dataset } = run.experiment.data;
      if (state !== "finished" && missing.has(dataset)) {
        errors.set(run, `not tried, since ${dataset} could not be downloaded`);
        continue;
      }
      if (!interrupted) onRun?.(run, { number: i + 1, of: runs.length, state });
      if (typeof before !== "string") cards.set(run, before);
      if (interrupted || state === "finished") continue;
      const carrying = { train, isComplete, signal, onWait };
      const end = await carriedOut(run, carrying);
      if (end.kind === "interrupted") interrupted = true;
      if (end.kind === "failed") {
        errors.set(run, end.error);
        if (end.noData) missing.add(dataset);
      }
      const after = await stateOf(run);
      if (typeof after !== "string") cards.set(run, after);
    } catch (error) {
      errors.set(run, (error as Error).message);
    }
  }
  return { rows: rowsOf(runs, { cards, errors }), interrupted };
}

/** Trains a run, once no other process does; it may then be finished. */
async function carriedOut(
  run: SweepRun,
  { train, isComplete, ...waiting }:
    & Required<Pick<SweepOptions, "train" | "isComplete">>
    & WaitOptions,
): Promise<RunEnd> {
  for (;;) {
    if (!await waitForFolder(run.path, waiting)) return { kind: "interrupted" };
    const state = await stateOf(run);
    if (typeof state !== "string" && isComplete(run, state)) {
      return { kind: "done" };
    }
    const end = await train(run, { resume: state !== "new" });
    // Another process may have come first.
    if (end.kind !== "failed" || await holderOf(run.path) === null) return end;
  }
}

/**
 * The state of a run: its card, or whether it was begun.
 *
 * @throws {UserError} if its folder has the run of another experiment, or is damaged.
 */
async function stateOf(
  { experiment, path }: SweepRun,
): Promise<ResultCard | "new" | "begun"> {
  if (!await fileInfo(`${path}/experiment.json`)) return "new";
  const folder = await RunFolder.open(path);
  const there = folder.experiment;
  if (there.name !== experiment.name || !sameExperiment(there, experiment)) {
    throw new UserError(
      `Cannot use ${path}: expected the run of ${experiment.name} with these ` +
        `settings but found one of ${there.title}; choose another ` +
        "--out, or remove that folder",
    );
  }
  return await folder.readCard() ?? "begun";
}

/** The runs of each recipe together, in the order of their first runs. */
function rowsOf(
  runs: readonly SweepRun[],
  { cards, errors }: {
    readonly cards: ReadonlyMap<SweepRun, ResultCard>;
    readonly errors: ReadonlyMap<SweepRun, string>;
  },
): SweepRow[] {
  const groups = Map.groupBy(runs, ({ experiment }) => experiment.name);
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
