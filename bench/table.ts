// Tables on standard output: what a benchmark prints for people.

/** Rows of text in columns; all but the first are flush right. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) =>
    Math.max(...all.map((row) => (row[i] ?? "").length))
  );
  const line = (row: readonly string[]) =>
    widths.map((width, i) => {
      const cell = row[i] ?? "";
      return i === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ").trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** Prints lines to standard output, also while the process is ending. */
export function print(text: string): void {
  const bytes = new TextEncoder().encode(`${text}\n`);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

/** A number with three significant digits, or whole from 100 on. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value >= 100) return value.toFixed(0);
  return value >= 1 ? value.toPrecision(3) : value.toFixed(3);
}
