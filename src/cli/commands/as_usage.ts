// Errors of usage. Lower layers throw a `UserError` for a recipe that does not exist or
// a setting out of range. If the command line named it, this is an error of usage,
// with its own exit code and a hint at --help.

import { UsageError, UserError } from "../../base/errors.ts";

/**
 * Runs `action` and returns its result.
 *
 * @throws {UsageError} if `action` throws a {@linkcode UserError}.
 */
export function asUsage<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
