// What measures networks after an epoch, the student and an average of its weights: on
// held-out images, and on test images for curves. The student's best epoch is chosen on the
// former where there are any; where the experiment asks for it, on the latter.

import type { Evaluator } from "../evaluation/accuracy.ts";

/** The images of an evaluation after an epoch. */
export type EpochSplit = "validation" | "curve";

/** An evaluation after an epoch. */
export interface EpochEvaluation {
  readonly split: EpochSplit;
  readonly network: "student" | "average";
  readonly evaluator: Evaluator;
}

/** The evaluations after an epoch, in their order. */
export class EpochEvaluators {
  readonly all: readonly EpochEvaluation[];

  constructor(all: readonly EpochEvaluation[]) {
    this.all = all;
  }

  /** Releases the programs. */
  dispose(): void {
    for (const { evaluator } of this.all) evaluator.dispose();
  }

  /** As {@linkcode EpochEvaluators.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
