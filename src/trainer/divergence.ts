// What becomes of a run whose numbers are no numbers any more, which no later step
// mends. Losses are read now and then, and weights before they are saved, so that a
// checkpoint is always one from which a run can go on.

import { UserError } from "../base/errors.ts";
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

/** A sentence for a card and a page. */
export function divergenceText({ epoch, step, what }: Divergence): string {
  return `The run diverged: by step ${step}, in epoch ${epoch}, ${what} ` +
    "had values that are no numbers";
}

/** The first mean that is not finite, in words; null where all are. */
export function lostMean(
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
