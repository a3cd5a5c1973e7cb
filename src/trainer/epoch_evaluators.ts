// What measures the student after an epoch: on held-out images, and on test images for
// curves. The best epoch is chosen on the former where there are any; where the
// experiment asks for it, on the latter.

import type { Evaluator } from "../evaluation/accuracy.ts";

/** The images of an evaluation after an epoch. */
export type EpochSplit = "validation" | "curve";

/** Evaluators of the student, null where nothing is measured. */
export class EpochEvaluators {
  readonly #evaluators: Readonly<Record<EpochSplit, Evaluator | null>>;

  constructor(evaluators: Readonly<Record<EpochSplit, Evaluator | null>>) {
    this.#evaluators = evaluators;
  }

  /** The evaluators there are, by their images. */
  get all(): [EpochSplit, Evaluator][] {
    return (["validation", "curve"] as const).flatMap((split) => {
      const evaluator = this.#evaluators[split];
      return evaluator ? [[split, evaluator] as [EpochSplit, Evaluator]] : [];
    });
  }

  /** Releases the programs. */
  dispose(): void {
    for (const [, evaluator] of this.all) evaluator.dispose();
  }

  /** As {@linkcode EpochEvaluators.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
