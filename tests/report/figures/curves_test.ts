// Curves from a log, and those that the experiment lays down.

import { assert, assertEquals } from "@std/assert";
import type { Chart } from "../../../src/report/figures/chart.ts";
import { learningRateCurve } from "../../../src/report/figures/schedule_curves.ts";
import { stepCurves } from "../../../src/report/figures/step_curves.ts";
import { trainingCurves } from "../../../src/report/figures/training_curves.ts";
import type { LogLine } from "../../../src/runs/log_line.ts";
import { EXAMPLE } from "../../support/example_experiment.ts";
import { epochLines, stepLine } from "../../support/example_run.ts";

/** Two whole epochs of 14 steps, and ten steps of the third. */
const LINES: readonly LogLine[] = [
  ...epochLines(1),
  stepLine(2),
  ...epochLines(2),
  stepLine(3),
];

function pointsOf(chart: Chart | undefined) {
  assert(chart?.kind === "lines");
  return chart.points;
}

Deno.test("learningRateCurve() draws the function, drops and all", () => {
  const curve = (experiment: typeof EXAMPLE) =>
    pointsOf(learningRateCurve({ experiment, lines: LINES }));
  const at = (points: ReturnType<typeof curve>, step: number) =>
    points.find(({ x }) => x === step / 14)?.y;
  const steps = curve(EXAMPLE);
  // It drops with the first step of the ninth and the eleventh epoch.
  assertEquals([at(steps, 111), at(steps, 112)], [0.1, 0.1 * 0.1]);
  assertEquals([at(steps, 139), at(steps, 140)], [0.1 * 0.1, 0.1 * 0.1 ** 2]);
  assertEquals([at(steps, 0), at(steps, 167)], [0.1, 0.1 * 0.1 ** 2]);
  const learningRate = { kind: "cyclic", peak: 0.2, peakAt: 0.5 } as const;
  const optimizer = { ...EXAMPLE.optimizer, learningRate };
  const cyclic = curve({ ...EXAMPLE, optimizer });
  assertEquals([at(cyclic, 0), at(cyclic, 84)], [0, 0.2]);
});

Deno.test("stepCurves() have means of the steps since the line before", () => {
  const run = { experiment: EXAMPLE, lines: LINES };
  const charts = stepCurves(run);
  assertEquals(charts.map(({ name }) => name), [
    "step-losses",
    "step-accuracy",
    "speed",
  ]);
  const natural = pointsOf(charts[0]).filter(({ series }) =>
    series === "natural"
  );
  assertEquals(natural.map(({ x }) => 14 * x), [14, 24, 28, 38]);
  const accuracy = pointsOf(charts[1]).filter(({ series }) =>
    series === "teacher"
  );
  // 640 of 896 images have the mean of the whole epoch, and so the others too.
  assertEquals(accuracy.map(({ y }) => Math.round(12 * y / 100)), [1, 2, 2, 3]);
  assertEquals(stepCurves({ ...run, lines: [] }), []);
});

Deno.test("trainingCurves() are none before anything is measured", () => {
  assertEquals(trainingCurves({ experiment: EXAMPLE, lines: [] }), []);
});
