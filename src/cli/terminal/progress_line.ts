// How far something is, as one line: what it is, a bar, and details as far as the line
// has room. The bar is ours: the libraries on npm ask for a Node stream and its
// environment variables, and that of @std/cli is unstable and keeps a timer of its own,
// where all that is needed is a string.

/** How far something is. */
export interface ProgressLine {
  /** What is under way: "epoch 2/6". */
  readonly what: string;
  /** How much of it is done, from 0 to 1. */
  readonly done: number;
  /** More about it, what matters most first. */
  readonly details: readonly string[];
}

/** A piece of a line, and whether it stands out in color. */
export interface Span {
  readonly text: string;
  readonly color?: "cyan" | "green" | "yellow";
}

/** Characters of a bar. */
const BAR = 16;

/** Between the parts of a line. */
const GAP = "  ";

/** The line within a width: details that do not fit are left out. */
export function progressSpans(
  { what, done, details }: ProgressLine,
  width: number,
): Span[] {
  const full = Math.round(BAR * Math.min(1, Math.max(0, done)));
  let length = [...what].length + GAP.length + BAR;
  const shown = details.filter((detail) => {
    const longer = length + GAP.length + [...detail].length;
    if (longer > width) return false;
    length = longer;
    return true;
  });
  return [
    { text: what + GAP },
    { text: "█".repeat(full), color: "cyan" },
    { text: "░".repeat(BAR - full) },
    { text: shown.map((detail) => GAP + detail).join("") },
  ];
}
