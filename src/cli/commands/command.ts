// A command as data: what it is called, what it takes, and what it does. Help,
// parsing and messages about mistakes all follow from this.

import type { Terminal } from "../terminal/terminal.ts";
import type { Invocation } from "./invocation.ts";

/** An option of a command, written `--name` or `--name VALUE`. */
export interface Option {
  readonly name: string;
  /** What help calls its value, such as "DIR"; absent where it has none. */
  readonly value?: string;
  /** Whether it may be given several times. */
  readonly many?: boolean;
  /** What it is for: one line, without a period. */
  readonly about: string;
}

/** The word that a command may take besides options, or the words. */
export interface Operand {
  /** As help shows it, such as "RECIPE". */
  readonly name: string;
  readonly required: boolean;
  /** Whether there may be several. */
  readonly many?: boolean;
  readonly about: string;
}

/** One command of the program. */
export interface Command {
  readonly name: string;
  /** One line, without a period. */
  readonly about: string;
  readonly operand?: Operand;
  readonly options: readonly Option[];
  /** Invocations worth showing, without the program's name. */
  readonly examples: readonly string[];
  /** Does it. Returns the exit code. */
  run(invocation: Invocation, terminal: Terminal): Promise<number>;
}
