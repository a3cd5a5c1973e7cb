// Notes about fields that count epochs, where a run is too short to reach them. Nothing is
// rescaled; the notes say before a run that, for example, its learning rate never drops.

import { visitFields } from "../base/check_fields.ts";
import { DECISIVE, type Decisive } from "./experiment_fields.ts";

/** One line for each field that the run does not reach. */
export function unreachedNotes(
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
