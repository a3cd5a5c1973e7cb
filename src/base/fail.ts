// What is wrong with a file is an error that names the file.

import { UserError } from "./errors.ts";

/** Throws what is wrong with a file: "expected A but found B". */
export type Fail = (problem: string) => never;

/** The errors about one file. */
export function failureOf(source: string): Fail {
  return (problem) => {
    throw new UserError(`Cannot read ${source}: ${problem}`);
  };
}
