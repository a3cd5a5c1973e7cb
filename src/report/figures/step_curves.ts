// A run's losses, accuracies and speed by step, for the page during training. Each point
// is a mean over the steps between two lines of the log.

import { LogScalars } from "../../runs/log_scalars.ts";
import { isMeans, type LoggedRun, stepsPerEpochOf } from "../progress.ts";
import type { Chart, LinePoint } from "./chart.ts";

/** The number of points, the latest, of each series. */
const SHOWN = 400;

/** The charts of a run by step, without empty ones. */
export function stepCurves(run: LoggedRun): Chart[] {
  const stepsPerEpoch = stepsPerEpochOf(run);
  if (stepsPerEpoch === null) return [];
  const scalars = new LogScalars();
  const points = run.lines.filter(isMeans)
    .map((line) => scalars.next(line)!).slice(-SHOWN)
    .flatMap(({ step, values }) =>
      Object.entries(values).flatMap(([name, y]): LinePoint[] => {
        const [group, series = ""] = name.split("/");
        if (group !== "train" || !Number.isFinite(y)) return [];
        return [{ series, x: step / stepsPerEpoch, y }];
      })
    );
  const isRate = ({ series }: LinePoint): boolean =>
    series === "learningRate" || series === "imagesPerSecond";
  const isAccuracy = ({ series }: LinePoint): boolean =>
    series.endsWith("Accuracy");
  return [
    chart("step-losses", {
      title: "Training loss by step",
      y: { title: "mean over some steps" },
      points: points.filter((one) => !isRate(one) && !isAccuracy(one)),
    }),
    chart("step-accuracy", {
      title: "Accuracy on training batches by step",
      y: { title: "accuracy (%)", domain: [0, 100] },
      points: points.filter(isAccuracy).map(({ series, x, y }) => ({
        series: series.replace(/Accuracy$/, ""),
        x,
        y: 100 * y,
      })),
    }),
    chart("speed", {
      title: "Speed",
      y: { title: "images/s" },
      points: points.filter(({ series }) => series === "imagesPerSecond"),
    }),
  ].filter((one) => one.kind === "lines" && one.points.length > 0);
}

function chart(
  name: string,
  { title, ...rest }: Pick<
    Extract<Chart, { kind: "lines" }>,
    "title" | "y" | "points"
  >,
): Chart {
  const last = new Map(rest.points.map(({ series, y }) => [series, y]));
  const words = [...last].map(([series, y]) => `${series} ${y.toPrecision(3)}`);
  return {
    kind: "lines",
    name,
    title,
    description: `${title}, as means over the steps between two points. ` +
      `Latest: ${words.join(", ")}.`,
    x: { title: "epoch" },
    ...rest,
  };
}
