// Markdown as `deno fmt` writes it: tables with columns below each other, and paragraphs
// of lines that fit 80 columns.

const WIDTH = 80;

/** A table, whose first `left` columns start together; the others end together. */
export function markdownTable(
  [head, ...body]: readonly (readonly string[])[],
  { left }: { readonly left: number },
): string {
  const rows = [head!, ...body];
  const widths = head!.map((_, i) =>
    Math.max(...rows.map((row) => row[i]!.length))
  );
  const line = (cells: readonly string[]): string =>
    `| ${
      cells.map((cell, i) =>
        i < left ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
      ).join(" | ")
    } |`;
  const rule = widths.map((width, i) =>
    i < left ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [head!, rule, ...body].map(line).join("\n");
}

/** A paragraph, cut between words. */
export function paragraph(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}
