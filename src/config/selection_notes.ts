// What to know of a best epoch that is not chosen on held-out images.

import type { EvaluationConfig } from "./experiment.ts";

/** What a run and its card say of a best epoch that test images chose. */
export const CHOSEN_ON_TEST =
  "The best epoch is chosen on the test images, so that its accuracies are " +
  "optimistic; those of the last epoch are not";

/** A line where the best epoch is not chosen on held-out images. */
export function selectionNotes(
  { selection, validation }: EvaluationConfig,
): string[] {
  if (selection === "test") return [CHOSEN_ON_TEST];
  return validation > 0
    ? []
    : ["No images are held out, so that the last epoch counts as the best"];
}
