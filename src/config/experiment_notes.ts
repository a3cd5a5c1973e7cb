// What an experiment says that nobody should learn only from its result. Fields that
// count epochs are not rescaled with the run's length, so that a schedule means what it
// says; but the learning rate may then never drop. And steps of an attack may add up to
// less than its ball.

import { doubts, visitFields } from "../base/check_fields.ts";
import { DECISIVE, type Decisive } from "./experiment_fields.ts";

/**
 * One line for each field with something that the run ends before, and for each part
 * that is hardly meant as it is.
 */
export function experimentNotes(
  experiment: Decisive,
): string[] {
  const notes: string[] = [];
  visitFields(DECISIVE, experiment, (field, value) => {
    const note = value == null
      ? null
      : field.unreached?.(value as never, experiment.epochs);
    if (note) notes.push(note);
  });
  return [...notes, ...new Set(doubts(DECISIVE, experiment))];
}
