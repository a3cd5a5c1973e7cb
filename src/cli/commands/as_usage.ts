// Lower layers find that a recipe does not exist or that a setting is out of range,
// and do not know where it was written. Where it was the command line, it is an error
// of usage, with its own exit code and a word about --help.

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
