// Whether two experiments give the same run: everything but their names, and in whatever
// order files have their fields.

import type { Experiment } from "./experiment.ts";

/** Whether two experiments differ in nothing that decides a result. */
export function sameExperiment(one: Experiment, other: Experiment): boolean {
  return decisiveText(one) === decisiveText(other);
}

function decisiveText(
  { name: _, title: __, notes: ___, reported: ____, ...decisive }: Experiment,
): string {
  return JSON.stringify(decisive, (key, value) => {
    const isObject = typeof value === "object" && value !== null &&
      !Array.isArray(value);
    // The first attack chooses the best epoch.
    if (!isObject || key === "attacks") return value;
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0),
    );
  });
}
