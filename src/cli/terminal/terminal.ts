// The output of a command: lines that stay and, on a terminal, one live line below them
// that is overwritten. A file or a pipe gets the lines alone, so
// that a log has neither control characters nor a thousand progress reports.
//
// Color is for what asks for attention: a bar, a warning, a new best. The text alone says
// the same, and `NO_COLOR` turns color off.
//
// Names, titles and keys come from files. All text is shown by `shownText`, so that no
// file controls the terminal or floods it.

import { writeError } from "../../base/disk.ts";
import { shownText } from "../../base/shown_text.ts";
import { wrapText } from "../../base/wrap_text.ts";
import {
  type ProgressLine,
  progressSpans,
  type Span,
} from "./progress_line.ts";

/** What a warning begins with, and stands out. */
const WARNING = "Warning:";
const YELLOW: Span = { text: WARNING, color: "yellow" };

/** The streams that a {@linkcode Terminal} writes to. */
export interface Output {
  write(text: string): void;
  /** Characters per line; null where this is no terminal. */
  columns(): number | null;
  /** Whether to write in color; not if left out. */
  readonly color?: boolean;
}

/** Erases the line that the cursor is in, and returns to its start. */
const ERASE = "\r\x1b[2K";

/** Lines for people to read. */
export class Terminal {
  /**
   * Called once when standard output fails, such as a closed pipe or a full disk.
   * Afterwards nothing is written to it and nothing is thrown. While this is null,
   * printing throws the error.
   */
  onFailure: ((error: unknown) => void) | null = null;
  readonly #out: Output;
  readonly #err: Output;
  #live: string | ProgressLine = "";
  #failed = false;

  constructor(out: Output, err: Output) {
    this.#out = out;
    this.#err = err;
  }

  /** Whether {@linkcode live} shows anything. */
  get isLive(): boolean {
    return this.#out.columns() !== null;
  }

  /**
   * Prints a line, or several, that stay.
   *
   * @throws {Deno.errors.BrokenPipe} if the output was closed.
   * @throws {UserError} if the disk is full.
   */
  print(
    text = "",
    { wrap = false, accent }: {
      /** Whether to cut lines between words, so that they fit the terminal. */
      readonly wrap?: boolean;
      /** The words at the end that stand out in color. */
      readonly accent?: string;
    } = {},
  ): void {
    const lines = wrap ? fitted(text, this.#out) : text;
    const spans: Span[] = accent !== undefined && lines.endsWith(accent)
      ? [
        { text: lines.slice(0, -accent.length) },
        { text: accent, color: "green" },
      ]
      : [{ text: lines }];
    this.#above(() => this.#write(`${painted(spans, this.#out)}\n`));
  }

  /** Prints a line that stays and is not part of the result, if anybody takes it. */
  warn(text: string): void {
    this.#above(() => {
      try {
        // What is no warning may hold a command line to be copied.
        const isWarning = text.startsWith(WARNING);
        const spans = isWarning
          ? [YELLOW, { text: fitted(text, this.#err).slice(WARNING.length) }]
          : [{ text }];
        this.#err.write(`${painted(spans, this.#err)}\n`);
      } catch {
        // There is nowhere left to say so.
      }
    });
  }

  /** Shows a line that the next one replaces; nothing where there is no terminal. */
  live(line: string | ProgressLine): void {
    const columns = this.#out.columns();
    if (columns === null) return;
    // A line that wraps could not be erased any more.
    const width = Math.max(1, columns - 1);
    const spans = typeof line === "string"
      ? [{ text: line }]
      : progressSpans(line, width);
    const plain = spans.map((span) => ({ ...span, text: oneLine(span.text) }));
    this.#live = line;
    this.#write(ERASE + painted(shortened(plain, width), this.#out));
  }

  /** Removes the live line. */
  clear(): void {
    if (this.#live === "") return;
    this.#live = "";
    this.#write(ERASE);
  }

  #above(write: () => void): void {
    const live = this.#live;
    this.clear();
    write();
    if (live) this.live(live);
  }

  #write(text: string): void {
    if (this.#failed) return;
    try {
      this.#out.write(text);
    } catch (error) {
      const failure = error instanceof Deno.errors.BrokenPipe
        ? error
        : writeError(error, "standard output");
      if (!this.onFailure) throw failure;
      this.#failed = true;
      this.onFailure(failure);
    }
  }
}

/** Text whose lines fit the terminal, if it is one. */
function fitted(text: string, output: Output): string {
  const columns = output.columns();
  return columns === null ? text : wrapText(shownText(text), columns);
}

/** What a file may have put into a line, without line breaks. */
function oneLine(text: string): string {
  return shownText(text).replaceAll("\n", " ");
}

/** Spans cut at the end where they have too many characters. */
function shortened(spans: readonly Span[], length: number): Span[] {
  const total = spans.reduce((sum, { text }) => sum + [...text].length, 0);
  if (total <= length) return [...spans];
  let left = length - 1;
  const kept = spans.map(({ text, ...span }) => {
    const part = [...text].slice(0, left);
    left -= part.length;
    return { ...span, text: part.join("") };
  });
  return [...kept, { text: "…" }];
}

const COLORS = { green: 32, yellow: 33, cyan: 36 } as const;

/** What to write of spans. */
function painted(spans: readonly Span[], { color = false }: Output): string {
  return spans.map((span) => {
    const text = shownText(span.text);
    if (!color || !span.color || text === "") return text;
    return `\x1b[${COLORS[span.color]}m${text}\x1b[39m`;
  }).join("");
}

/** The process's standard output and error. */
export function processTerminal(): Terminal {
  return new Terminal(streamOutput(Deno.stdout), streamOutput(Deno.stderr));
}

function streamOutput(stream: typeof Deno.stdout): Output {
  const encoder = new TextEncoder();
  return {
    color: stream.isTerminal() && !Deno.noColor,
    columns: () => stream.isTerminal() ? windowWidth() : null,
    write(text) {
      const bytes = encoder.encode(text);
      for (let done = 0; done < bytes.length;) {
        done += stream.writeSync(bytes.subarray(done));
      }
    },
  };
}

/** The width of the terminal's window; null where it is gone, or as mpiexec's has none. */
function windowWidth(): number | null {
  try {
    return Deno.consoleSize().columns || null;
  } catch {
    return null;
  }
}
