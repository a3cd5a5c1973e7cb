// Results of `algorithms.ts` on disk.

import type { AdapterClass } from "../src/gpu/device.ts";
import type { TunedAlgorithms } from "../src/gpu/target.ts";
import type { PassTime } from "../src/ops/conv/measure_pass.ts";
import type { ConvPass } from "../src/ops/conv/problem.ts";

/** One algorithm on one pass of one shape. */
export interface AlgorithmTime extends PassTime {
  /** Such as `forward 3x3 64->64 at 32x32`. */
  readonly key: string;
  readonly pass: ConvPass;
  /** Of the definition, whatever the algorithm saves. */
  readonly gflops: number;
}

/** Everything that was measured on a device. */
export interface AlgorithmsReport {
  readonly date: string;
  readonly deno: string;
  readonly device: string;
  readonly adapterClass: AdapterClass;
  readonly subgroupSize: number;
  readonly batch: number;
  /** Billions of multiplications and additions per second at best. */
  readonly peak: number;
  readonly times: readonly AlgorithmTime[];
  /** The fastest algorithm by pass and shape, as `Target.tuned` takes it. */
  readonly tuned: TunedAlgorithms;
}

/** Writes a report beside those of other devices, and returns where. */
export async function writeReport(report: AlgorithmsReport): Promise<string> {
  const name = report.device.toLowerCase().replace(/[^a-z0-9.]+/g, "-")
    .replace(/^-|-$/g, "");
  const path = `results/${name}-algorithms.json`;
  const url = new URL(path, import.meta.url);
  await Deno.mkdir(new URL(".", url), { recursive: true });
  await Deno.writeTextFile(url, `${JSON.stringify(report, null, 1)}\n`);
  return `bench/${path}`;
}
