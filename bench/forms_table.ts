// Results of `forms.ts` on disk, and the table of fastest forms that the compiler
// looks into, written from them.

import type { AdapterClass } from "../src/gpu/device.ts";
import type { ConvPass } from "../src/ops/conv/problem.ts";
import { MEASURED, type MeasuredForms } from "../src/ops/conv/table.ts";

/** One form of one pass of one shape. */
export interface FormTime {
  /** As the table has it, such as `forward 3x3 64->64 at 32x32`. */
  readonly key: string;
  readonly pass: ConvPass;
  /** Such as `winograd 4 64`. */
  readonly form: string;
  /** Milliseconds: the median of the repeats, or of the only run. */
  readonly milliseconds: number;
  /** Of the definition, whatever the form saves. */
  readonly gflops: number;
  readonly repeats: number;
}

/** Everything that was measured on a device. */
export interface FormsReport {
  readonly date: string;
  readonly deno: string;
  readonly device: string;
  readonly adapterClass: AdapterClass;
  readonly subgroupSize: number;
  readonly batch: number;
  /** Billions of multiplications and additions per second at best. */
  readonly peak: number;
  readonly times: readonly FormTime[];
}

const TABLE = new URL("../src/ops/conv/table.ts", import.meta.url);

/** The fastest form of every pass and shape. */
export function fastest(times: readonly FormTime[]): Map<string, FormTime> {
  const best = new Map<string, FormTime>();
  for (const time of times) {
    const known = best.get(time.key);
    if (!known || time.milliseconds < known.milliseconds) {
      best.set(time.key, time);
    }
  }
  return best;
}

/** The table's file with a report's winners in place of those of its class. */
export function withWinners(text: string, report: FormsReport): string {
  const winners = [...fastest(report.times)].map(([key, { form }]) =>
    [key, form] as const
  );
  const before = MEASURED[report.adapterClass];
  // What an earlier run on the same device found of other shapes is kept.
  const known = before.device?.startsWith(report.device) ? before.forms : {};
  const measured: Readonly<Record<AdapterClass, MeasuredForms>> = {
    ...MEASURED,
    [report.adapterClass]: {
      device: `${report.device}, ${report.date}, batch ${report.batch}`,
      forms: { ...known, ...Object.fromEntries(winners) },
    },
  };
  const head = text.slice(0, text.indexOf("export const MEASURED"));
  const entries = Object.entries(measured).map(([name, { device, forms }]) => {
    const rows = Object.entries(forms).sort()
      .map(([key, form]) =>
        `      ${JSON.stringify(key)}: ${JSON.stringify(form)},`
      );
    const body = rows.length ? `{\n${rows.join("\n")}\n    }` : "{}";
    return device === null && !rows.length
      ? `  ${name}: { device: null, forms: {} },`
      : `  ${name}: {\n    device: ${
        JSON.stringify(device)
      },\n    forms: ${body},\n  },`;
  });
  return `${head}export const MEASURED: Readonly<Record<AdapterClass, MeasuredForms>> = {\n${
    entries.join("\n")
  }\n};\n`;
}

/** Writes the winners of a report into the table. */
export async function writeTable(report: FormsReport): Promise<void> {
  const text = await Deno.readTextFile(TABLE);
  await Deno.writeTextFile(TABLE, withWinners(text, report));
}

/** Writes a report beside those of other devices, and returns where. */
export async function writeReport(report: FormsReport): Promise<string> {
  const name = report.device.toLowerCase().replace(/[^a-z0-9.]+/g, "-")
    .replace(/^-|-$/g, "");
  const path = `results/${name}-forms.json`;
  const url = new URL(path, import.meta.url);
  await Deno.mkdir(new URL(".", url), { recursive: true });
  await Deno.writeTextFile(url, `${JSON.stringify(report, null, 1)}\n`);
  return `bench/${path}`;
}
