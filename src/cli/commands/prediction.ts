// How long a step takes on cards that nobody has at hand: the bounds of the roofline
// model, labelled as what they are.

import { percentText, shortDurationText } from "../../base/amounts.ts";
import type { Program } from "../../gpu/program.ts";
import { CARDS, rooflineOf } from "../../graph/roofline.ts";

/** What a prediction is for: a step that is compiled for a GPU, and the steps of a run. */
export interface PredictedRun {
  readonly program: Program;
  readonly steps: number;
}

/** The sentence that says what the numbers are. */
export const PREDICTION =
  "prediction by the roofline model from vendors' tables, never timed: no less than";

/** A line for each card: seconds of a step and of a run, and what bounds them. */
export function predictionTable({ program, steps }: PredictedRun): string {
  const width = Math.max(...CARDS.map(({ name }) => name.length));
  const lines = CARDS.map((card) => {
    const { seconds, arithmetic } = rooflineOf(program, card);
    return `  ${card.name.padEnd(width)}  ${
      shortDurationText(seconds)
    } a step, ` +
      `${shortDurationText(seconds * steps)} a run, ` +
      `${percentText(arithmetic)} of it bound by arithmetic`;
  });
  return [PREDICTION, ...lines].join("\n");
}

/** The same in one line, without what bounds them. */
export function predictionText({ program, steps }: PredictedRun): string {
  const cards = CARDS.map((card) => {
    const { seconds } = rooflineOf(program, card);
    return `${card.name} ${shortDurationText(seconds)} (${
      shortDurationText(seconds * steps)
    })`;
  });
  return `${PREDICTION} ${cards.join(", ")} a step (a run)`;
}
