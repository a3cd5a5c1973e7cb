// What measures networks after an epoch, the student and an average of its weights: on
// held-out images, and on test images for curves. The student's best epoch is chosen on the
// former where there are any; where the experiment asks for it, on the latter.

import type { EvaluationConfig } from "../config/experiment.ts";
import type { EvaluationPlace } from "./events.ts";
import type { Evaluator } from "../evaluation/accuracy.ts";

/** The images of an evaluation after an epoch. */
export type EpochSplit = "validation" | "curve";

/** An evaluation after an epoch. */
export interface EpochEvaluation {
  readonly split: EpochSplit;
  readonly network: "student" | "average";
  readonly evaluator: Evaluator;
}

/** The images that choose the best epoch; null where the last one counts as it. */
export function choosingSplit(
  { selection, validation }: EvaluationConfig,
): EpochSplit | null {
  if (selection === "test") return "curve";
  return validation > 0 ? "validation" : null;
}

/**
 * The accuracy of an evaluation that chooses the best epoch: the student's under the first
 * attack, on the images that choose; null of another evaluation.
 */
export function choosingAccuracy(
  evaluation: EvaluationConfig,
  { what: { split, network }, accuracies }: {
    readonly what: EvaluationPlace;
    readonly accuracies: Readonly<Record<string, number>>;
  },
): number | null {
  if (network !== "student" || split !== choosingSplit(evaluation)) return null;
  return accuracies[Object.keys(evaluation.attacks)[0] ?? "clean"]!;
}

/** The evaluations after an epoch, in their order. */
export class EpochEvaluators {
  readonly all: readonly EpochEvaluation[];

  constructor(all: readonly EpochEvaluation[]) {
    this.all = all;
  }

  /** Those that there is a network for, which an average only is from some step on. */
  begun(
    { hasAverage }: { readonly hasAverage: boolean },
  ): readonly EpochEvaluation[] {
    return this.all.filter(({ network }) =>
      network !== "average" || hasAverage
    );
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
