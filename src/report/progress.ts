// The progress of a run from its log, as text: place, times, speed and time left.

import { durationText } from "../base/amounts.ts";
import type { Experiment } from "../config/experiment.ts";
import type { LogLine, LogMeans } from "../runs/log_line.ts";

/** A run and its log. */
export interface LoggedRun {
  readonly experiment: Experiment;
  readonly lines: readonly LogLine[];
}

/** A line about an epoch, or about its steps so far. */
export type MeansLine = Extract<LogLine, LogMeans>;

/** The place of a run, such as "epoch 2 of 12, step 28 of 168". */
export function progressOf(run: LoggedRun): string {
  const { experiment: { epochs }, lines } = run;
  const last = lines.at(-1);
  if (!last) return "not begun";
  if (last.kind === "end") return `finished, ${epochs} epochs`;
  const perEpoch = stepsPerEpochOf(run);
  const all = perEpoch === null ? "" : ` of ${epochs * perEpoch}`;
  return `epoch ${last.epoch} of ${epochs}, step ${last.step}${all}`;
}

/** The times of the first and the last line of the log; "" for old logs. */
export function timesOf({ lines }: LoggedRun): string {
  const began = lines[0]?.time;
  if (began === undefined) return "";
  const last = lines.at(-1)!;
  if (last.time === undefined || lines.length === 1) {
    return `begun ${minuteText(began)}`;
  }
  const end = last.kind === "end" ? "ended" : "last heard of";
  return `begun ${minuteText(began)}, ${end} ${minuteText(last.time)}`;
}

/** "2026-01-31 09:05 UTC"; a text that is no time as it is. */
function minuteText(time: string): string {
  if (Number.isNaN(Date.parse(time))) return time;
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The speed and the time left; "" for a run that has ended or not begun. */
export function speedOf(run: LoggedRun): string {
  const { lines } = run;
  const means = lines.findLast(isMeans);
  if (!means || lines.at(-1)!.kind === "end") return "";
  const speed = means.imagesPerSecond;
  const rate = `${speed.toFixed(speed < 10 ? 1 : 0)} images/s`;
  const left = secondsLeft(run, means);
  return left === null ? rate : `${rate}, about ${durationText(left)} left`;
}

/** Seconds for the remaining steps, and for evaluations that take as long as the last. */
function secondsLeft(run: LoggedRun, means: MeansLine): number | null {
  const { experiment: { epochs, evaluation, batchSize }, lines } = run;
  const perEpoch = stepsPerEpochOf(run);
  if (perEpoch === null) return null;
  const steps = epochs * perEpoch - means.step;
  const evaluated = lines.findLast(({ kind }) => kind === "evaluation");
  const first = Math.floor(means.step / perEpoch) + 1;
  let evaluations = 0;
  for (let epoch = first; epoch <= epochs; epoch++) {
    if (epoch % evaluation.every === 0 || epoch === epochs) evaluations++;
  }
  const each = evaluated?.kind === "evaluation" ? evaluated.seconds : 0;
  return steps * batchSize / means.imagesPerSecond + evaluations * each;
}

/** Steps of an epoch; null if an old log does not have them. */
export function stepsPerEpochOf({ lines }: LoggedRun): number | null {
  for (const line of lines) {
    if (line.kind === "start" && line.stepsPerEpoch) return line.stepsPerEpoch;
    if (line.kind === "epoch" && line.epoch > 0) return line.step / line.epoch;
  }
  return null;
}

/** Whether a line is about steps. */
export function isMeans(line: LogLine): line is MeansLine {
  return line.kind === "epoch" || line.kind === "steps";
}
