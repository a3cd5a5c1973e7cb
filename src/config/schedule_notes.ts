// What a change of the run's length does to fields that count epochs. Nothing is
// rescaled, so that a schedule means what it says; but nobody should learn from the
// result that a learning rate never dropped.

import { visitFields } from "../base/check_fields.ts";
import { DECISIVE, type Decisive } from "./experiment_fields.ts";

/** One line for each field with something that the run ends before. */
export function scheduleNotes(
  experiment: Decisive,
): string[] {
  const notes: string[] = [];
  visitFields(DECISIVE, experiment, (field, value) => {
    const note = value == null
      ? null
      : field.unreached?.(value as never, experiment.epochs);
    if (note) notes.push(note);
  });
  return notes;
}
