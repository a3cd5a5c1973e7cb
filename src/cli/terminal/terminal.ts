// The output of a command: lines that stay and, on a terminal, one live line below them
// that is overwritten. A file or a pipe gets the lines alone, so
// that a log has neither control characters nor a thousand progress reports.
//
// Names, titles and keys come from files. All text is shown by `shownText`, so that no
// file controls the terminal or floods it.

import { writeError } from "../../base/disk.ts";
import { shownText } from "../../base/shown_text.ts";

/** The streams that a {@linkcode Terminal} writes to. */
export interface Output {
  write(text: string): void;
  /** Characters per line; null where this is no terminal. */
  columns(): number | null;
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
  #live = "";
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
   * @throws {Deno.errors.BrokenPipe} if nobody reads any more.
   * @throws {UserError} if the disk is full.
   */
  print(text = ""): void {
    this.#above(() => this.#write(`${shownText(text)}\n`));
  }

  /** Prints a line that stays and is not part of the result, if anybody takes it. */
  warn(text: string): void {
    this.#above(() => {
      try {
        this.#err.write(`${shownText(text)}\n`);
      } catch {
        // There is nowhere left to say so.
      }
    });
  }

  /** Shows a line that the next one replaces; nothing where there is no terminal. */
  live(text: string): void {
    const columns = this.#out.columns();
    if (columns === null) return;
    // A line that wraps could not be erased any more.
    const line = shownText(text).replaceAll("\n", " ");
    this.#live = shortened(line, Math.max(1, columns - 1));
    this.#write(ERASE + this.#live);
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

/** A text cut at the end where it has too many characters. */
function shortened(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length
    ? text
    : `${characters.slice(0, length - 1).join("")}…`;
}

/** The process's standard output and error. */
export function processTerminal(): Terminal {
  return new Terminal(streamOutput(Deno.stdout), streamOutput(Deno.stderr));
}

function streamOutput(stream: typeof Deno.stdout): Output {
  const encoder = new TextEncoder();
  return {
    columns: () => stream.isTerminal() ? windowWidth() : null,
    write(text) {
      const bytes = encoder.encode(text);
      for (let done = 0; done < bytes.length;) {
        done += stream.writeSync(bytes.subarray(done));
      }
    },
  };
}

/** The width of the terminal's window; null where the terminal is gone. */
function windowWidth(): number | null {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return null;
  }
}
