// Compilation as a line: which kernel of how many, and of what.

import type { Compilation } from "../../gpu/pipeline.ts";
import type { ProgressLine } from "./progress_line.ts";

/** A kernel that is being compiled. */
export function compilationLine(
  { program, kernel, number, of }: Compilation,
): ProgressLine {
  const details = [`kernel ${number} of ${of}`, program, kernel];
  return { what: "compiling", done: (number - 1) / of, details };
}
