// Mistakes that a user can mend, told apart from mistakes of this program: the
// former are one clear message, the latter a stack to report.
//
// Errors of this project read "Cannot do this: expected A but found B" and mostly
// mean what they say of the user's files and options. A TypeError means that a
// part was called with what it does not take, which is the program's own fault
// unless somebody who knows better says so with `userError`.

import { commandLine } from "./command_line.ts";

/** A mistake of the user, or of the machine, explained in its message. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** A command that cannot be understood as it was written. */
export class UsageError extends UserError {}

/** How a process ended. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** The command was not understood. */
  misused: 2,
  /** Stopped by a signal, with everything saved. */
  interrupted: 130,
} as const;

/**
 * Runs `action`, taking what it throws for a mistake of the user: in what was
 * written on the command line where `Kind` is {@linkcode UsageError}.
 */
export async function userError<T>(
  action: () => T | Promise<T>,
  Kind: typeof UserError = UserError,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Error) || isEngineError(error)) throw error;
    throw new Kind(error.message, { cause: error });
  }
}

/** What to print of an error on its way out, and the process's exit code. */
export function explain(
  error: unknown,
): { readonly text: string; readonly code: number } {
  if (error instanceof UsageError) {
    return { text: error.message, code: EXIT.misused };
  }
  if (error instanceof Deno.errors.NotCapable) {
    return {
      text: `${error.message}\nThe tasks of deno.json have the permissions ` +
        `that each command needs: "${commandLine("train")}" and so on`,
      code: EXIT.failed,
    };
  }
  if (error instanceof Error && isOutOfMemory(error)) {
    const hint = "--set recompute=true and a smaller batchSize need less";
    return { text: `${error.message}\n${hint}`, code: EXIT.failed };
  }
  if (error instanceof Error && isExpected(error)) {
    return { text: error.message, code: EXIT.failed };
  }
  const stack = error instanceof Error && error.stack || String(error);
  return {
    text: `${stack}\nThis is a mistake in the program, not yours: please ` +
      "report it with the lines above",
    code: EXIT.failed,
  };
}

function isExpected(error: Error): boolean {
  if (error instanceof UserError) return true;
  if (error instanceof TypeError || isEngineError(error)) return false;
  return /^Cannot [^\n]+: expected /.test(error.message);
}

function isOutOfMemory({ message }: Error): boolean {
  return /out of memory|not enough memory/i.test(message);
}

/** Errors that only a mistake in the program's text can raise. */
function isEngineError(error: Error): boolean {
  return error instanceof ReferenceError ||
    error instanceof TypeError && !error.message.includes(": expected ");
}
