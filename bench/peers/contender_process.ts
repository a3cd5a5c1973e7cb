// A contender's process: lines of JSON from it, numbers of runs to it. One that is
// late, ends or writes what is no message becomes a message that says so, since a
// table has a cell for every contender.

import type { Message } from "./contender.ts";

/** A contender that runs. */
export class ContenderProcess {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: AsyncIterator<string>;
  /** The last lines that it wrote to standard error. */
  readonly #errors: Promise<string>;
  #ended = false;

  constructor([command, ...args]: readonly string[]) {
    this.#child = new Deno.Command(command!, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
    this.#errors = tailOf(this.#child.stderr);
  }

  /** Asks for runs and waits for their time, in milliseconds at most `limit`. */
  async ask(runs: number, limit: number): Promise<Message> {
    try {
      await this.#input.write(new TextEncoder().encode(`${runs}\n`));
    } catch {
      return await this.#failure("ended early");
    }
    return await this.next(limit);
  }

  /** The next message, in milliseconds at most `limit`. */
  async next(limit: number): Promise<Message> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), limit);
    });
    const message = await Promise.race([this.#message(), late]);
    clearTimeout(timer);
    if (message !== "late") return message;
    this.#child.kill("SIGKILL");
    return await this.#failure(`took more than ${limit / 1000} s`);
  }

  /** Lets the process end, once it has nothing more to do. */
  async end(): Promise<void> {
    if (!this.#ended) await this.#input.close().catch(() => {});
    this.#ended = true;
    await this.#child.status;
  }

  async #message(): Promise<Message> {
    while (true) {
      const { value, done } = await this.#lines.next();
      if (done) {
        const last = (await this.#errors).split("\n").at(-1);
        return await this.#failure(last ? `ended: ${last}` : "ended early");
      }
      // Libraries print to the same output.
      if (value.startsWith('{"kind"')) return JSON.parse(value) as Message;
    }
  }

  async #failure(reason: string): Promise<Message> {
    this.#ended = true;
    await this.#child.status;
    return { kind: "cannot", reason };
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}

/** The end of what a stream held, without empty lines. */
async function tailOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text = (text + chunk).slice(-2000);
  }
  return text.trim();
}
