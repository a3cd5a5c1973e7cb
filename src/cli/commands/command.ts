// A command as data: what it is called, what it takes, and what it does.

import type { Terminal } from "../terminal/terminal.ts";
import type { Invocation } from "./invocation.ts";
import type { Syntax } from "./syntax.ts";

/** One command of the program. */
export interface Command extends Syntax {
  /** One line, without a period. */
  readonly about: string;
  /** Invocations worth showing, without the program's name. */
  readonly examples: readonly string[];
  /** Runs the command. Returns the exit code. */
  run(invocation: Invocation, terminal: Terminal): Promise<number>;
}
