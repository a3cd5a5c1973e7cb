// Results of `scaling.ts` on disk: what was measured, as JSON, and a chart for each
// method, as SVG.

import { type LinePoint, renderChart } from "../src/report/figures/chart.ts";
import type { StepCost } from "./timed_training.ts";

/** One network, method and batch. */
export interface ScalingPoint extends StepCost {
  /** Such as "WRN-34-10". */
  readonly network: string;
  /** Such as "trades". */
  readonly method: string;
  /** Images of a step. */
  readonly batch: number;
}

/** Everything that was measured on a device. */
export interface ScalingReport {
  readonly date: string;
  readonly deno: string;
  readonly device: string;
  /** What else the machine did. */
  readonly load: string;
  readonly precision: string;
  /** Billions of multiplications and additions per second at best. */
  readonly peak: number;
  /** Turns of a line's points, and the steps of one. */
  readonly turns: number;
  readonly steps: number;
  /** Where a line ended because a batch did not fit, and why. */
  readonly ends: readonly string[];
  readonly points: readonly ScalingPoint[];
}

/** Writes a report beside those of other devices, and returns where. */
export async function writeScaling(report: ScalingReport): Promise<string[]> {
  const device = report.device.toLowerCase().replace(/[^a-z0-9.]+/g, "-")
    .replace(/^-|-$/g, "");
  const half = report.precision === "f16" ? "-f16" : "";
  const stem = `results/${device}-scaling${half}`;
  const files = new Map([
    [`${stem}.json`, `${JSON.stringify(report, null, 1)}\n`],
  ]);
  const methods = new Set(report.points.map(({ method }) => method));
  for (const method of methods) {
    files.set(`${stem}-${method}.svg`, await chartOf(report, method));
  }
  for (const [path, text] of files) {
    await Deno.writeTextFile(new URL(path, import.meta.url), text);
  }
  return [...files.keys()].map((path) => `bench/${path}`);
}

/** Images per second against the batch, a line for each network. */
function chartOf(
  { points, device, precision }: ScalingReport,
  method: string,
): Promise<string> {
  const own = points.filter((point) => point.method === method);
  const batches = [...new Set(own.map(({ batch }) => batch))];
  const lines = own.map(({ network, batch, seconds }): LinePoint => ({
    series: network,
    x: batch,
    y: batch / seconds,
  }));
  return renderChart({
    kind: "lines",
    name: `scaling-${method}`,
    title: `Steps of ${method} in ${precision} on ${device}`,
    description:
      `Images per second against the images of a batch on ${device}: ` +
      own.map(({ network, batch, seconds }) =>
        `${network} with ${batch}, ${(batch / seconds).toPrecision(3)}`
      ).join("; "),
    x: { title: "images per batch", scale: "log", ticks: batches },
    y: { title: "images per second", scale: "log" },
    points: lines,
  });
}
