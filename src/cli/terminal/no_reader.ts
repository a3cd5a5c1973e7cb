// What is said where standard output cannot be written to any more.

import { UserError } from "../../base/errors.ts";

/** The error for a closed pipe; for a full disk the error that says so. */
export function noReader(error: unknown): UserError {
  if (error instanceof UserError) return error;
  return new UserError(
    "Cannot write to standard output: expected a reader but found none any more",
    { cause: error },
  );
}

/** Throws it, where nothing is under way that has to be saved. */
export function failUnread(error: unknown): never {
  throw noReader(error);
}
