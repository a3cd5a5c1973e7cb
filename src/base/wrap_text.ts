// Long lines cut between words, at a gap of two spaces where one is near, so that they
// fit a terminal. What follows stands below
// the first word's neighbor where a gap sets a name apart from its text, as in
// "  adapter  llvmpipe", and is indented by two otherwise.

/** The text with lines of at most `width` characters, as far as its words are shorter. */
export function wrapText(text: string, width: number): string {
  return text.split("\n").flatMap((line) => wrapLine(line, width)).join("\n");
}

function wrapLine(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const [start] = /^ *(\S+ {2,})?/.exec(line)!;
  const named = start.trim() !== "" && start.length <= width / 2;
  const margin = /^ */.exec(line)![0].length;
  const indent = named ? start.length : margin + 2;
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const from = lines.length === 0 && !named ? margin : indent;
    const gap = rest.lastIndexOf("  ", width);
    const at = gap > Math.max(from, width / 3)
      ? gap
      : rest.lastIndexOf(" ", width);
    const cut = at > from ? at : rest.indexOf(" ", width);
    if (cut < 0) break;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = " ".repeat(indent) + rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}
