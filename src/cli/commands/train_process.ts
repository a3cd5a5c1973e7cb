// A run in a process of its own, so that a sweep outlives it: a driver that crashes with
// its device ends the process. The process may do what training
// may, writes to the same terminal, and receives every interruption.
//
// A process that may start `deno` may start it with every permission. So `denow` lets a
// sweep start one script, which trains and nothing else; `deno task sweep`, which
// runs where there is no sh too, may start `deno`.

import { EXIT, UserError } from "../../base/errors.ts";
import type { FailureScope, RunEnd } from "../../trainer/sweep.ts";

/** How Deno runs `train`: as in the task of deno.json. */
export const TRAIN_FLAGS: readonly string[] = [
  "--quiet",
  "--allow-read",
  "--allow-write",
  "--allow-net=www.cs.toronto.edu,127.0.0.1",
  "--allow-env=FRPAT_PROGRAM,HOME,LOCALAPPDATA,XDG_CACHE_HOME",
];

/** Asks a process to save and stop. A shell's background jobs ignore SIGINT. */
const STOP: Deno.Signal = Deno.build.os === "windows" ? "SIGINT" : "SIGTERM";

/** The runs that fail as one did, by its exit code. */
const SCOPES: Readonly<Record<number, FailureScope>> = {
  [EXIT.noData]: "data set",
  [EXIT.noDevice]: "every run",
};

/** Characters of a message that fit into a table. */
const LONGEST = 300;

/** A process that trains. */
export interface TrainProcess {
  /** How it ends. */
  readonly end: Promise<RunEnd>;
  /** Passes an interruption on: the first asks to save and stop, the next to end. */
  interrupt(): void;
}

/** How to start a process. */
export interface TrainProcessOptions {
  /** Put before each line that it prints, where several print at once. */
  readonly prefix?: string | undefined;
}

/** Starts `train` with these words behind it. */
export function startTraining(
  words: readonly string[],
  { prefix }: TrainProcessOptions = {},
): TrainProcess {
  const { program, args } = trainCommand();
  const child = startProgram(program, {
    args: [...args, ...words],
    stdin: "null",
    stdout: prefix === undefined ? "inherit" : "piped",
    stderr: "piped",
  });
  let interrupted = false;
  return {
    end: endOf(child, { prefix, wasInterrupted: () => interrupted }),
    interrupt() {
      interrupted = true;
      try {
        child.kill(STOP);
      } catch (error) {
        // It ended by itself, as it does where the terminal told it as well.
        if (!(error instanceof TypeError)) throw error;
      }
    },
  };
}

/**
 * Starts a program that this one may start.
 *
 * @throws {UserError} where the dynamic linker's variables are set, with which Deno
 * starts nothing for those who may not start everything.
 */
export function startProgram(
  program: string,
  options: Deno.CommandOptions,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, options).spawn();
  } catch (error) {
    const isLinker = error instanceof Deno.errors.NotCapable &&
      mayStart(program);
    if (!isLinker) throw error;
    throw new UserError(
      `Cannot start ${program}: expected no variable that begins with LD_ but ` +
        "found one; unset it, or use ./denow, which takes care of it",
      { cause: error },
    );
  }
}

/** The command that trains, without its arguments. */
function trainCommand(): { program: string; args: readonly string[] } {
  const { dirname } = import.meta;
  if (dirname === undefined) {
    throw new UserError(
      "Cannot start a process: expected a checkout of this program but found " +
        import.meta.url,
    );
  }
  const root = dirname.replace(/([/\\][^/\\]+){3}$/, "");
  const script = `${root}/tools/train.sh`;
  if (mayStart(script) && !mayStart("deno")) {
    return { program: script, args: [] };
  }
  const config = `--config=${root}/deno.json`;
  const args = ["run", config, ...TRAIN_FLAGS, `${root}/cli.ts`, "train"];
  return { program: "deno", args };
}

function mayStart(command: string): boolean {
  const { state } = Deno.permissions.querySync({ name: "run", command });
  return state === "granted";
}

/** Waits for a process and shows its output. */
async function endOf(
  child: Deno.ChildProcess,
  { prefix, wasInterrupted }: {
    readonly prefix: string | undefined;
    readonly wasInterrupted: () => boolean;
  },
): Promise<RunEnd> {
  const [said] = await Promise.all([
    passOn(child.stderr, { to: Deno.stderr, prefix }),
    // Where there is no prefix, the process prints to the terminal itself.
    prefix === undefined
      ? null
      : passOn(child.stdout, { to: Deno.stdout, prefix }),
  ]);
  const { code, signal } = await child.status;
  if (code === EXIT.done) return { kind: "done" };
  // A process that does not listen yet ends by the signal, and loses nothing.
  const stopped = code === EXIT.interrupted ||
    (signal === STOP && wasInterrupted());
  if (stopped) return { kind: "interrupted" };
  const error = `${messageIn(said)} (${signal ?? `exit code ${code}`})`;
  return { kind: "failed", error, scope: SCOPES[code] ?? "run" };
}

/** Writes what comes from a process, line by line if there is a prefix; returns it. */
export async function passOn(
  from: ReadableStream<Uint8Array>,
  { to, prefix }: {
    readonly to: { readonly write: (bytes: Uint8Array) => Promise<number> };
    readonly prefix: string | undefined;
  },
): Promise<string> {
  const encoder = new TextEncoder();
  let whole = "";
  let line = "";
  const decoded = from.pipeThrough(
    new TextDecoderStream() as TransformStream<Uint8Array, string>,
  );
  for await (const part of decoded) {
    whole += part;
    if (prefix === undefined) {
      await writeAll(encoder.encode(part), to);
      continue;
    }
    const lines = (line + part).split("\n");
    line = lines.pop()!;
    const text = lines.map((one) => `${prefix}${one}\n`).join("");
    await writeAll(encoder.encode(text), to);
  }
  if (line !== "") await writeAll(encoder.encode(`${prefix}${line}\n`), to);
  return whole;
}

async function writeAll(
  bytes: Uint8Array,
  to: { readonly write: (bytes: Uint8Array) => Promise<number> },
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await to.write(bytes.subarray(done));
  }
}

/** Why a process failed: the last lines that it wrote, without warnings, as one. */
export function messageIn(said: string): string {
  const lines = said.split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !/^(Warning|Note):/.test(line));
  const start = lines.findLastIndex((line) =>
    /^(Cannot |error:|\w*Error:|thread '|The GPU reported)/.test(line)
  );
  const message = lines.slice(start < 0 ? -1 : start).join(" ");
  return message.length > LONGEST
    ? `${message.slice(0, LONGEST - 1)}…`
    : message || "no message";
}
