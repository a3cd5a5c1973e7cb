// Logits and labels that the tests of row-wise operations share: the numbers of
// classes of the data sets, one row, rows that do not fill a workgroup or need
// several, and logits so far apart that a sum in float32 holds only the largest.

import type { CaseInput } from "./check_op.ts";
import { words } from "../../src/base/random_sequence.ts";

/** Inputs of one case: logits (N, C) in a range, and labels (N). */
export interface RowCase {
  readonly name: string;
  readonly logits: CaseInput;
  readonly labels: CaseInput;
}

/** A row operation's case table is a map of this one. */
export const ROW_CASES: readonly RowCase[] = [
  [1, 2, 3],
  [5, 3, 3],
  [33, 10, 3],
  [130, 3, 3],
  [5, 100, 3],
  [33, 200, 3],
  [5, 10, 80],
  [33, 100, 80],
].map(([rows, classes, range]) => rowCase(rows!, classes!, range!));

function rowCase(rows: number, classes: number, range: number): RowCase {
  const drawn = words({ seed: 3, stream: "labels", step: rows }, rows);
  return {
    name: `(${rows}, ${classes}) within ${range}`,
    logits: { shape: [rows, classes], low: -range, high: range },
    labels: {
      shape: [rows],
      dtype: "u32",
      values: Array.from(drawn, (word) => word % classes),
    },
  };
}
