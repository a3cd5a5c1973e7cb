// Rows of cells as lines whose columns stand below each other.

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
