// A log as a table for spreadsheets and data frames: a row for each step with
// measurements, a column for each measurement, and empty cells where there is none.

import type { LogLine } from "./log_line.ts";
import { type LoggedScalars, LogScalars } from "./log_scalars.ts";

/** The table as CSV, with a head (RFC 4180, but for line breaks without returns). */
export function logCsv(lines: readonly LogLine[]): string {
  const scalars = new LogScalars();
  const rows = new Map<number, LoggedScalars>();
  for (const line of lines) {
    const found = scalars.next(line);
    if (!found) continue;
    const { values, ...place } = rows.get(found.step) ?? found;
    rows.set(found.step, { ...place, values: { ...values, ...found.values } });
  }
  const sorted = [...rows.values()].sort((a, b) => a.step - b.step);
  const columns = [
    ...new Set(sorted.flatMap(({ values }) => Object.keys(values))),
  ].sort();
  const cells = sorted.map(({ epoch, step, time = "", values }) => [
    String(epoch),
    String(step),
    time,
    ...columns.map((name) => String(values[name] ?? "")),
  ]);
  return [["epoch", "step", "time", ...columns], ...cells]
    .map((row) => `${row.map(cellText).join(",")}\n`).join("");
}

/** A cell, quoted where it would not stand for itself. */
function cellText(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
