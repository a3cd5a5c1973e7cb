// What a change of the run's length does to schedules that count epochs. Nothing
// is rescaled, so that a schedule means what it says; but nobody should learn from
// the result that a learning rate never dropped.

import type { Experiment } from "./experiment.ts";
import { scheduleAt } from "../objectives/epoch_schedule.ts";

/** One line for each schedule that the run ends before. */
export function scheduleNotes(
  { epochs, optimizer: { learningRate }, regularizers }: Pick<
    Experiment,
    "epochs" | "optimizer" | "regularizers"
  >,
): string[] {
  const notes: string[] = [];
  if (learningRate.kind === "step") {
    const late = learningRate.drops.filter((drop) => drop > epochs);
    if (late.length > 0) {
      notes.push(
        `The learning rate does not drop at epoch ${late.join(" and ")}: the ` +
          `run ends with epoch ${epochs}`,
      );
    }
  }
  for (const { method, weight } of regularizers) {
    if (weight.kind === "ramp" && weight.over > epochs) {
      const reached = scheduleAt(weight, epochs);
      notes.push(
        `The weight of ${method} rises over ${weight.over} epochs: the run ` +
          `ends with epoch ${epochs}, at ${reached.toPrecision(3)} instead ` +
          `of ${weight.value}`,
      );
    }
  }
  return notes;
}
