// A terminal that remembers, in place of one that somebody looks at.

import { Terminal } from "../../src/cli/terminal/terminal.ts";

/** A terminal and what was written to it. */
export interface RecordedTerminal {
  readonly terminal: Terminal;
  /** Everything written to standard output, control characters included. */
  readonly out: () => string;
  readonly err: () => string;
  /** The lines of standard output as they stand at the end. */
  readonly lines: () => string[];
}

/** A terminal with so many columns; null stands for a file or a pipe. */
export function recordedTerminal(
  columns: number | null,
  { color = false }: { readonly color?: boolean } = {},
): RecordedTerminal {
  let out = "";
  let err = "";
  const terminal = new Terminal(
    { color, columns: () => columns, write: (text) => out += text },
    { color, columns: () => columns, write: (text) => err += text },
  );
  return {
    terminal,
    out: () => out,
    err: () => err,
    // What precedes an erasing sequence in a line is gone.
    lines: () => out.split("\n").map((line) => line.split("\r\x1b[2K").at(-1)!),
  };
}
