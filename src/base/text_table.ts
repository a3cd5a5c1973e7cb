// Rows of cells as lines: for people, whose columns stand below each other, and as CSV.

/** A table's cells, row by row. */
export type Rows = readonly (readonly string[])[];

/** Lines in which the first `left` columns start together, the others end together. */
export function tableLines(
  rows: Rows,
  { left }: { readonly left: number },
): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: columns },
    (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)),
  );
  return rows.map((row) =>
    row.map((cell, i) =>
      i < left ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
    ).join("  ").trimEnd()
  );
}

/** Cells as a line of CSV without its end, quoted where RFC 4180 asks for it. */
export function csvLine(cells: readonly string[]): string {
  const quoted = (cell: string) =>
    /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return cells.map(quoted).join(",");
}
