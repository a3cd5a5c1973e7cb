// Lists of the most similar candidates on float64: everything sorted anew.

import type { Reference } from "../reference.ts";

/** Sorts what was kept and the candidates, the first of equals first, and cuts. */
export const keepNearest: Reference = (
  [similarity, labels, nearest, nearestLabels],
) => {
  const [kept, queries] = nearest!.shape as [number, number];
  for (let query = 0; query < queries; query++) {
    const of = (values: Float64Array) =>
      Array.from(
        { length: values.length / queries },
        (_, i) => values[i * queries + query]!,
      );
    const all = [
      ...of(nearest!.data).map((found, i) => ({
        found,
        label: of(nearestLabels!.data)[i]!,
      })),
      ...of(similarity!.data).map((found, i) => ({
        found,
        label: labels!.data[i]!,
      })),
    ].filter(({ found }) => !Number.isNaN(found));
    // Sorting is stable.
    all.sort((a, b) => b.found - a.found).slice(0, kept).forEach((one, i) => {
      nearest!.data[i * queries + query] = one.found;
      nearestLabels!.data[i * queries + query] = one.label;
    });
  }
  return [];
};
