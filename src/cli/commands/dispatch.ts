// From the words of a command line to an exit code: finds the command, understands
// its options, runs it, and says what went wrong.

import { commandLine } from "../../base/command_line.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT, explain, UsageError } from "../../base/errors.ts";
import type { Command } from "./command.ts";
import { commandHelp, overview } from "./help.ts";
import { Invocation, type Parser } from "./invocation.ts";
import { refusedPath } from "./refused_path.ts";

/** The commands, the parser and the terminal of a program. */
export interface Program {
  readonly commands: readonly Command[];
  readonly parse: Parser;
  readonly terminal: Terminal;
}

/** Runs the command that the words name. Returns the process's exit code. */
export async function dispatch(
  words: readonly string[],
  { commands, parse, terminal }: Program,
): Promise<number> {
  const [name, ...rest] = words;
  try {
    if (name === "--help" || name === "-h" || name === "help") {
      terminal.print(overview(commands));
      return EXIT.done;
    }
    const command = findCommand(name, commands);
    try {
      const invocation = Invocation.read(command, rest, parse);
      if (!invocation.flag("help")) {
        return await run({ command, invocation, terminal });
      }
      terminal.print(commandHelp(command));
      return EXIT.done;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const help = commandLine(`${command.name} --help says what it takes`);
      throw new UsageError(`${error.message}\n${help}`, { cause: error });
    }
  } catch (error) {
    // The reader of the output has closed it, as `head` does: no message can be shown.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.failed;
    const { text, code } = explain(error);
    terminal.clear();
    terminal.warn(text);
    return code;
  }
}

async function run(
  { command, invocation, terminal }: {
    readonly command: Command;
    readonly invocation: Invocation;
    readonly terminal: Terminal;
  },
): Promise<number> {
  try {
    return await command.run(invocation, terminal);
  } catch (error) {
    throw refusedPath(error, { command, invocation });
  }
}

function findCommand(
  name: string | undefined,
  commands: readonly Command[],
): Command {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const names = commands.map(({ name }) => name);
  throw new UsageError(
    `Cannot run: expected one of the commands ${names.join(", ")} but found ` +
      `${name ?? "none"}${didYouMean(name ?? "", names)}`,
  );
}
