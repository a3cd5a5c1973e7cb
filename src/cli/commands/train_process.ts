// A run in a process of its own, so that a sweep outlives it: a driver that crashes with
// its device ends the process. The process may do what training
// may, writes to the same terminal, and receives every interruption.
//
// A process that may start `deno` may start it with every permission. So `denow` lets a
// sweep start one script, which trains and nothing else; `deno task sweep`, which
// runs where there is no sh too, may start `deno`.

import { EXIT, UserError } from "../../base/errors.ts";
import type { RunEnd } from "../../trainer/sweep.ts";

/** How Deno runs `train`: as in the task of deno.json. */
export const TRAIN_FLAGS: readonly string[] = [
  "--quiet",
  "--allow-read",
  "--allow-write",
  "--allow-net=www.cs.toronto.edu,127.0.0.1",
  "--allow-env=FRPAT_PROGRAM,HOME,LOCALAPPDATA,XDG_CACHE_HOME",
];

/** Characters of a message that fit into a table. */
const LONGEST = 300;

/** A process that trains. */
export interface TrainProcess {
  /** How it ends. */
  readonly end: Promise<RunEnd>;
  /** Passes an interruption on: the first asks to save and stop, the next to end. */
  interrupt(): void;
}

/** Starts `train` with these words behind it. */
export function startTraining(words: readonly string[]): TrainProcess {
  const { program, args } = trainCommand();
  const child = new Deno.Command(program, {
    args: [...args, ...words],
    stdin: "null",
    stderr: "piped",
  }).spawn();
  return {
    end: endOf(child),
    interrupt() {
      try {
        child.kill("SIGINT");
      } catch (error) {
        // It ended by itself, as it does where the terminal told it as well.
        if (!(error instanceof TypeError)) throw error;
      }
    },
  };
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
async function endOf(child: Deno.ChildProcess): Promise<RunEnd> {
  let said = "";
  const decoder = new TextDecoder();
  for await (const part of child.stderr) {
    await writeAll(part);
    said += decoder.decode(part, { stream: true });
  }
  const { code, signal } = await child.status;
  if (code === EXIT.done) return { kind: "done" };
  if (code === EXIT.interrupted) return { kind: "interrupted" };
  const how = signal ?? `exit code ${code}`;
  const error = `${messageIn(said)} (${how})`;
  return { kind: "failed", error, noData: code === EXIT.unavailable };
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await Deno.stderr.write(bytes.subarray(done));
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
