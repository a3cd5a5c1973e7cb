// A run diverges when its losses or weights are not finite any more; no later step repairs
// that. Losses are read now and then, and weights before they are saved, so that a run can
// always resume from its last checkpoint.

import { UserError } from "../base/errors.ts";
import type { LogPlace } from "../runs/log_line.ts";
import type { RunLog } from "../runs/run_log.ts";
import type { TensorGroups } from "../weights/tensor_groups.ts";

/** Where a run was first seen to have diverged. */
export interface Divergence {
  /** The epoch, from 1. */
  readonly epoch: number;
  /** Steps taken by then. */
  readonly step: number;
  /** What is not finite: `the loss "ce"` or `the weights, at student.conv1.weight`. */
  readonly what: string;
}

/** A run was ended because it has diverged. */
export class DivergenceError extends UserError {
  /** Where it was seen. */
  readonly divergence: Divergence;

  /** `saved` is the step of the last checkpoint; null where there is none. */
  constructor(divergence: Divergence, saved: number | null) {
    const { epoch, step, what } = divergence;
    const kept = saved === null
      ? "nothing was saved before"
      : `the last checkpoint is of step ${saved}, before that`;
    super(
      `Cannot go on training: expected finite numbers but found others in ` +
        `${what} by step ${step}, in epoch ${epoch}; ${kept}. A lower learning ` +
        "rate may help",
    );
    this.divergence = divergence;
  }
}

/** Watches the numbers of a run, and ends it once they are not finite. */
export class DivergenceWatch {
  /** Where the run was first seen to have diverged; null while all is well. */
  found: Divergence | null = null;
  /** The step of the last checkpoint; null before there is one. */
  savedStep: number | null = null;
  readonly #log: RunLog;
  readonly #keepGoing: boolean;

  /** With `keepGoing`, nothing ends the run. */
  constructor(log: RunLog, { keepGoing }: { readonly keepGoing: boolean }) {
    this.#log = log;
    this.#keepGoing = keepGoing;
  }

  /** Looks at means of losses. Returns whether they end the run. */
  seeMeans(
    means: Readonly<Record<string, number>>,
    place: LogPlace,
  ): boolean {
    const lost = lostMean(means);
    if (lost) this.#note(place, lost);
    return lost !== null && !this.#keepGoing;
  }

  /** Looks at tensors before they are saved. */
  seeTensors(tensors: TensorGroups, place: LogPlace): void {
    const lost = lostTensor(tensors);
    if (lost) this.#note(place, lost);
  }

  /** @throws {DivergenceError} if the run has diverged, unless it is to continue. */
  check(): void {
    if (!this.found || this.#keepGoing) return;
    throw new DivergenceError(this.found, this.savedStep);
  }

  /** A sentence for the card; none while all is well. */
  get warnings(): string[] {
    if (!this.found) return [];
    const { epoch, step, what } = this.found;
    return [
      `The run diverged: by step ${step}, in epoch ${epoch}, ${what} had ` +
      "values that are not finite",
    ];
  }

  #note({ epoch, step }: LogPlace, what: string): void {
    if (this.found) return;
    this.found = { epoch, step, what };
    this.#log.append({ kind: "diverged", epoch, step, what });
  }
}

/** The first mean that is not finite, in words; null where all are. */
function lostMean(
  means: Readonly<Record<string, number>>,
): string | null {
  const lost = Object.keys(means).find((name) => !Number.isFinite(means[name]));
  return lost === undefined ? null : `the loss "${lost}"`;
}

/** The first tensor with a value that is not finite, in words; null where none has. */
export function lostTensor(groups: TensorGroups): string | null {
  for (const [group, tensors] of Object.entries(groups)) {
    for (const [name, { data }] of tensors ?? []) {
      if (!data.every(Number.isFinite)) {
        return `the weights, at ${group}.${name},`;
      }
    }
  }
  return null;
}
