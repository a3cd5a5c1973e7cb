// Errors about a file, which name the file.

import { UserError } from "./errors.ts";

/** Throws an error about a file: "expected A but found B". */
export type Fail = (problem: string) => never;

/** The errors about one file. */
export function failureOf(source: string): Fail {
  return (problem) => {
    throw new UserError(`Cannot read ${source}: ${problem}`);
  };
}
