// Suggestions for a name that does not exist. Names have parts ("table1/trades",
// "optimizer.learningRate.kind"), and leaving out the first ones is as common as a typing
// error, so that the rest behind each of them is compared as well.

import leven from "npm:leven@4.1.0";

/** The largest number of suggestions. */
const MOST = 3;

/** The names nearest to the one that was written, about equally near; often none. */
export function nearMisses(
  written: string,
  names: readonly string[],
): string[] {
  const plain = written.toLowerCase();
  const tolerance = Math.max(1, Math.round(plain.length / 3));
  const near = names
    .map((name) => ({ name, distance: distance(plain, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= tolerance)
    .sort((a, b) => a.distance - b.distance);
  return near
    .filter(({ distance }) => distance <= near[0]!.distance + 1)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** `; did you mean a or b?` to end an error with, or nothing. */
export function didYouMean(written: string, names: readonly string[]): string {
  const near = nearMisses(written, names);
  return near.length ? `; did you mean ${near.join(" or ")}?` : "";
}

/** Edits between the written name and a name, or the rest of it behind some parts. */
function distance(written: string, name: string): number {
  const rests = [...name.matchAll(/[/.]/g)]
    .map(({ index }) => name.slice(index + 1));
  // A forgotten beginning costs one edit: an exact name is always nearer.
  const behind = rests.map((rest) => 1 + leven(written, rest));
  return Math.min(leven(written, name), ...behind);
}
