// Where a command says what it does: lines that stay, and on a terminal one live
// line below them that is written over. A file or a pipe gets the lines alone, so
// that a log has neither control characters nor a thousand progress reports.

/** What a {@linkcode Terminal} writes to. */
export interface Output {
  write(text: string): void;
  /** Characters per line; null where this is no terminal. */
  columns(): number | null;
}

/** Erases the line that the cursor is in, and returns to its start. */
const ERASE = "\r\x1b[2K";

/** Lines for people to read. */
export class Terminal {
  readonly #out: Output;
  readonly #err: Output;
  #live = "";

  constructor(out: Output, err: Output) {
    this.#out = out;
    this.#err = err;
  }

  /** Whether {@linkcode live} shows anything. */
  get isLive(): boolean {
    return this.#out.columns() !== null;
  }

  /** Prints a line, or several, that stay. */
  print(text = ""): void {
    this.#above(() => this.#out.write(`${text}\n`));
  }

  /** Prints a line that stays and is not part of the result. */
  warn(text: string): void {
    this.#above(() => this.#err.write(`${text}\n`));
  }

  /** Shows a line that the next one replaces; nothing where there is no terminal. */
  live(text: string): void {
    const columns = this.#out.columns();
    if (columns === null) return;
    // A line that wraps could not be erased any more.
    this.#live = shortened(text, Math.max(1, columns - 1));
    this.#out.write(ERASE + this.#live);
  }

  /** Removes the live line. */
  clear(): void {
    if (this.#live === "") return;
    this.#live = "";
    this.#out.write(ERASE);
  }

  #above(write: () => void): void {
    const live = this.#live;
    this.clear();
    write();
    if (live) this.live(live);
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
    columns: () => stream.isTerminal() ? Deno.consoleSize().columns : null,
    write(text) {
      const bytes = encoder.encode(text);
      for (let done = 0; done < bytes.length;) {
        done += stream.writeSync(bytes.subarray(done));
      }
    },
  };
}
