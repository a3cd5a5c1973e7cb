// Results of `algorithms.ts` on disk.

import type { AdapterClass } from "../src/gpu/device.ts";
import type { ConvPass } from "../src/ops/conv/problem.ts";

/** One algorithm on one pass of one shape. */
export interface AlgorithmTime {
  /** Such as `forward 3x3 64->64 at 32x32`. */
  readonly key: string;
  readonly pass: ConvPass;
  /** Such as `winograd 4 64`. */
  readonly algorithm: string;
  /** Milliseconds: the median of the repeats, or of the only run. */
  readonly milliseconds: number;
  /** Of the definition, whatever the algorithm saves. */
  readonly gflops: number;
  readonly repeats: number;
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
  readonly tuned: Readonly<Record<string, string>>;
}

/** The fastest algorithm of every pass and shape. */
export function fastest(
  times: readonly AlgorithmTime[],
): Map<string, AlgorithmTime> {
  const best = new Map<string, AlgorithmTime>();
  for (const time of times) {
    const known = best.get(time.key);
    if (!known || time.milliseconds < known.milliseconds) {
      best.set(time.key, time);
    }
  }
  return best;
}

/** The names of the fastest algorithms, as `Target.tuned` takes them. */
export function tunedBy(
  times: readonly AlgorithmTime[],
): Record<string, string> {
  const names = [...fastest(times)].map(([key, { algorithm }]) =>
    [key, algorithm] as const
  );
  return Object.fromEntries(names);
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
