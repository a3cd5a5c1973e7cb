// Text from files and other sources, made safe to show. A terminal obeys escape sequences,
// and characters that change the direction of writing can make a line read as another one.
// Both are removed, and long texts are cut.

/** Characters of one line: enough for long paths and the longest messages. */
const LINE = 2_000;

/** Lines of one text: enough for the program of any training step. */
const LINES = 100_000;

/**
 * Escape sequences as ECMA-48 has them: commands (CSI), strings such as a window's
 * title (OSC, DCS, APC, PM, SOS) up to their end, and other sequences of ESC.
 */
const SEQUENCES = new RegExp(
  [
    "(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]",
    "(?:\\x1b[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])[^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)?",
    "\\x1b[ -/]*[0-~]",
  ].join("|"),
  "g",
);

/** Control characters but tab and line break, and marks that turn text around. */
const CONTROLS =
  /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * The text without escape sequences and control characters, but with its tabs and
 * line breaks. Lines beyond 2,000 characters are cut, as are texts beyond 100,000 lines.
 */
export function shownText(text: string): string {
  const plain = text.replaceAll("\r\n", "\n").replace(SEQUENCES, "")
    .replace(CONTROLS, "");
  const lines = plain.split("\n");
  const shown = lines.slice(0, LINES).map(cutLine);
  const rest = lines.length - shown.length;
  return [...shown, ...rest > 0 ? [`… and ${rest} more lines`] : []].join("\n");
}

function cutLine(line: string): string {
  if (line.length <= LINE) return line;
  // A character beyond the basic plane is two units: never half of one.
  return `${[...line.slice(0, LINE)].slice(0, -1).join("")}…`;
}
