// Rows of a table by their numbers: what is known of each image of a split, for the
// images of a batch. It has no derivative: tables are data.

import { linearGrid } from "../gpu/program.ts";
import { applyOne, type Op, type Operand } from "../graph/graph.ts";
import { f32, formatType, type Tensor } from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";

/** Inputs: table (rows, C), rows u32 (N); output (N, C). */
export const gatherRowsOp: Op = {
  name: "gather_rows",

  infer([table, rows]) {
    const right = table!.dtype === "f32" && table!.shape.length === 2 &&
      rows!.dtype === "u32" && rows!.shape.length === 1;
    if (!right) {
      throw new TypeError(
        `Cannot gather rows: expected f32 (rows, C) and u32 (N) but found ${
          formatType(table!)
        } and ${formatType(rows!)}`,
      );
    }
    return [f32([rows!.shape[0]!, table!.shape[1]!])];
  },

  lower({ inputs, outputs: [y] }) {
    const [N, columns] = y!.shape as [number, number];
    return [{
      label: `rows (${N}, ${columns})`,
      kernel: kernel("gather_rows"),
      reads: inputs,
      writes: [y!],
      arguments: { size: N * columns, columns },
      workgroups: linearGrid(N * columns, 64),
    }];
  },
};

/** Rows of a table (rows, C) by their numbers, u32 (N): (N, C). */
export function gatherRows(table: Operand, rows: Operand): Tensor {
  return applyOne(gatherRowsOp, [table, rows], undefined);
}
