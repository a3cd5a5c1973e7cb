// How long an epoch of training takes, without evaluations and compilation, as a log
// tells it.

import type { LogLine } from "./log_line.ts";

/**
 * Mean seconds of a run's epochs. Those in which the run was resumed are left out, since
 * their lines count from there; where all of them were, they have to do.
 */
export function epochSeconds(lines: readonly LogLine[]): number {
  const all: number[] = [], whole: number[] = [];
  let resumedAt = 0, endOfLast = 0;
  for (const line of lines) {
    if (line.kind === "resume") resumedAt = line.step;
    if (line.kind !== "epoch") continue;
    all.push(line.seconds);
    if (resumedAt <= endOfLast) whole.push(line.seconds);
    endOfLast = line.step;
  }
  const counted = whole.length ? whole : all;
  return counted.reduce((sum, seconds) => sum + seconds, 0) / counted.length;
}
