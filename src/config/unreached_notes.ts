// What a change of the run's length does to fields that count epochs. Nothing is
// rescaled, so that a number of epochs means what it says; but a learning rate that
// never drops should be known before the run, and not from its result.

import { visitFields } from "../base/check_fields.ts";
import type { Experiment } from "./experiment.ts";
import { DECISIVE } from "./experiment_fields.ts";

/** One line for each field with something that the run ends before. */
export function unreachedNotes(
  experiment: Omit<Experiment, "name" | "title" | "reported">,
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
