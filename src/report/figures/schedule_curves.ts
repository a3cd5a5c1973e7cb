// Curves of an experiment's schedules: the learning rate of every step and the weights of
// regularizers in every epoch, computed from their functions and not read from the log.

import { learningRateAt } from "../../config/optimizer.ts";
import { scheduleAt } from "../../methods/epoch_schedule.ts";
import { type LoggedRun, stepsPerEpochOf } from "../progress.ts";
import type { Chart, LinePoint } from "./chart.ts";

/** Steps at which the learning rate is computed, beside the ends of epochs. */
const PLACES = 300;

/** Epochs whose first and last steps are added, at most. */
const MOST_ENDS = 300;

/** The learning rate over steps; without points if the log has no steps per epoch. */
export function learningRateCurve(run: LoggedRun): Chart {
  const { epochs, optimizer: { learningRate } } = run.experiment;
  const stepsPerEpoch = stepsPerEpochOf(run);
  const steps = stepsPerEpoch === null ? [] : placesOf(epochs, stepsPerEpoch);
  const points = steps.map((step): LinePoint => ({
    series: "learning rate",
    x: step / stepsPerEpoch!,
    y: learningRateAt(learningRate, {
      step,
      epochs,
      stepsPerEpoch: stepsPerEpoch!,
    }),
  }));
  const highest = Math.max(...points.map(({ y }) => y));
  const last = points.at(-1)?.y ?? NaN;
  return {
    kind: "lines",
    name: "learning-rate",
    title: "Learning rate",
    description: `The learning rate over epochs, by its schedule ` +
      `(${learningRate.kind}): at most ` +
      `${highest.toPrecision(3)}, ${last.toPrecision(3)} at the end.`,
    x: { title: "epoch" },
    y: { title: "learning rate" },
    marks: false,
    points,
  };
}

/** Steps from the first to the last, with the first and last of every epoch. */
function placesOf(epochs: number, stepsPerEpoch: number): number[] {
  const last = epochs * stepsPerEpoch - 1;
  const even = Array.from(
    { length: PLACES + 1 },
    (_, i) => Math.round(last * i / PLACES),
  );
  const ends = Array.from(
    { length: Math.min(epochs, MOST_ENDS) },
    (_, i) => [i * stepsPerEpoch, (i + 1) * stepsPerEpoch - 1],
  ).flat();
  return [...new Set([...even, ...ends])].sort((a, b) => a - b);
}

/** The weights of the regularizers in every epoch. */
export function weightCurves({ experiment }: LoggedRun): Chart {
  const { epochs, regularizers } = experiment;
  const points = regularizers.flatMap(({ method, weight }) =>
    Array.from({ length: epochs }, (_, i) => ({
      series: method,
      x: i + 1,
      y: scheduleAt(weight, i + 1),
    }))
  );
  const last = new Map(points.map(({ series, y }) => [series, y]));
  const words = [...last].map(([series, y]) =>
    `${series} ends at ${y.toPrecision(3)}`
  );
  return {
    kind: "lines",
    name: "regularizer-weight",
    title: "Weight of the regularizer, λ",
    description: `The weights of the regularizers over epochs, by ` +
      `their schedules: ${words.join(", ")}.`,
    x: { title: "epoch" },
    y: { title: "λ" },
    points,
  };
}
