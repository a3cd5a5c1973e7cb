// Whether two experiments give the same run: everything but their names, and in whatever
// order files have their fields. And whether they are runs of one setting, whose results
// can be compared or averaged.

import type { Experiment } from "./experiment.ts";

/** Whether two experiments differ in nothing that decides a result. */
export function sameExperiment(one: Experiment, other: Experiment): boolean {
  return decisiveText(one) === decisiveText(other);
}

/** Settings that do not count as changes of an experiment. */
export const HARMLESS: readonly string[] = [
  "seed",
  "recompute",
  "evaluation.batchSize",
  "evaluation.every",
  "evaluation.curve",
  "evaluation.keep",
];

/** An experiment, with a seed or for any seed. */
export type Seedless = Omit<Experiment, "seed"> & { readonly seed?: number };

/** Whether two experiments differ in nothing but {@linkcode HARMLESS} settings. */
export function sameSetting(one: Seedless, other: Seedless): boolean {
  return decisiveText(withoutHarmless(one)) ===
    decisiveText(withoutHarmless(other));
}

function withoutHarmless(experiment: Seedless): Seedless {
  const copy = structuredClone(experiment);
  for (const path of HARMLESS) {
    const keys = path.split(".");
    let part = copy as unknown as Record<string, Record<string, never>>;
    for (const key of keys.slice(0, -1)) part = part[key]!;
    delete part[keys.at(-1)!];
  }
  return copy;
}

function decisiveText(
  { name: _, title: __, notes: ___, reported: ____, ...decisive }: Seedless,
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
