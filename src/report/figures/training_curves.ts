// A run's curves: losses and accuracies from its log, and the schedules of the learning
// rate and of weights. While an epoch is under way its means so far are the last point,
// so that curves grow inside long epochs too.

import type { LogLine } from "../../runs/log_line.ts";
import { isMeans, type LoggedRun, type MeansLine } from "../progress.ts";
import { type Chart, type LinePoint, renderChart } from "./chart.ts";
import type { Picture } from "./picture.ts";
import { learningRateCurve, weightCurves } from "./schedule_curves.ts";

type Evaluation = Extract<LogLine, { readonly kind: "evaluation" }>;

const EPOCH = { title: "epoch" } as const;

/** The charts of a run, without empty ones. */
export function trainingCurves(run: LoggedRun): Chart[] {
  if (!run.lines.some(isMeans)) return [];
  const charts = [
    lossCurves(run),
    trainingAccuracyCurves(run),
    evaluationCurves(run, "validation"),
    evaluationCurves(run, "curve"),
    learningRateCurve(run),
    weightCurves(run),
  ];
  return charts.filter((chart) =>
    chart.kind === "lines" && chart.points.length > 0
  );
}

/** The charts of a run as pictures. */
export async function drawnCurves(run: LoggedRun): Promise<Picture[]> {
  return await drawn(trainingCurves(run));
}

/** Charts as pictures. */
export async function drawn(charts: readonly Chart[]): Promise<Picture[]> {
  return await Promise.all(
    charts.map(async (chart) => ({ ...chart, svg: await renderChart(chart) })),
  );
}

/** Images that are measured after epochs: held-out ones, and test images. */
export type MeasuredSplit = "validation" | "curve";

/** What they are called. */
export const IMAGES: Readonly<Record<MeasuredSplit, string>> = {
  validation: "held-out images",
  curve: "test images",
};

/** The accuracy on images that are measured after epochs, by attack. */
export function evaluationPoints(
  { lines }: LoggedRun,
  split: MeasuredSplit,
): LinePoint[] {
  const found = lines.filter((line): line is Evaluation =>
    line.kind === "evaluation" && line.split === split
  );
  return found.flatMap(({ epoch, network, results }) =>
    Object.entries(results).map(([attack, { correct, count }]) => ({
      series: network === "average" ? `${attack}, averaged weights` : attack,
      x: epoch,
      y: 100 * correct / count,
    }))
  );
}

function lossCurves(run: LoggedRun): Chart {
  const points = meansBySeries(run, (name) => !isAccuracy(name));
  return {
    kind: "lines",
    name: "losses",
    title: "Training loss by term",
    description: `The terms of the training loss over epochs: ${
      lastValues(points, (y) => y.toPrecision(3))
    }.`,
    x: EPOCH,
    y: { title: "mean over the epoch" },
    points,
  };
}

function trainingAccuracyCurves(run: LoggedRun): Chart {
  const points = meansBySeries(run, isAccuracy).map(({ series, x, y }) => ({
    series: series.replace(/Accuracy$/, ""),
    x,
    y: 100 * y,
  }));
  return {
    kind: "lines",
    name: "training-accuracy",
    title: "Accuracy on training batches",
    description:
      `The accuracy on the images that are trained on, in percent, over ` +
      `epochs: ${lastValues(points, percent)}.`,
    x: EPOCH,
    y: { title: "accuracy (%)", domain: [0, 100] },
    points,
  };
}

function evaluationCurves(run: LoggedRun, split: MeasuredSplit): Chart {
  const points = evaluationPoints(run, split);
  const images = IMAGES[split];
  return {
    kind: "lines",
    name: { validation: "held-out-accuracy", curve: "test-accuracy" }[split],
    title: `Accuracy on ${images}`,
    description:
      `The student's accuracy on ${images}, in percent, clean and under ` +
      `attack, over epochs: ${lastValues(points, percent)}.`,
    x: EPOCH,
    y: { title: "accuracy (%)", domain: [0, 100] },
    points,
  };
}

/** The finished epochs, and the means so far of the current one. */
function measured({ lines }: LoggedRun): MeansLine[] {
  const means = lines.filter(isMeans);
  const whole = means.filter(({ kind }) => kind === "epoch");
  const last = means.at(-1);
  return last?.kind === "steps" ? [...whole, last] : whole;
}

function meansBySeries(
  run: LoggedRun,
  wanted: (name: string) => boolean,
): LinePoint[] {
  return measured(run).flatMap(({ epoch, means }) =>
    Object.entries(means).filter(([name]) => wanted(name))
      .map(([series, y]) => ({ series, x: epoch, y }))
  );
}

/** Fractions of images that were classified correctly; the others are losses. */
function isAccuracy(name: string): boolean {
  return name.endsWith("Accuracy");
}

/** The last value of every series, in words. */
function lastValues(
  points: readonly LinePoint[],
  text: (y: number) => string,
): string {
  const last = new Map(points.map(({ series, y }) => [series, y]));
  return [...last].map(([series, y]) => `${series} ends at ${text(y)}`)
    .join(", ");
}

function percent(value: number): string {
  return value.toFixed(1);
}
