// What the words of a command line name may be wrong in ways that only lower layers
// know: a recipe that does not exist, a setting out of its range. Told on the command
// line, it is a mistake in the command.

import { UsageError, UserError } from "../../base/errors.ts";

/**
 * What `action` returns.
 *
 * @throws {UsageError} in place of another {@linkcode UserError} of it.
 */
export function asUsage<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
