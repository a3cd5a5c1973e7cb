// The parts that operations on rows share: checks of logits (N, C) and labels (N), and
// kernels with one invocation per row. Rows are short (hundreds of classes) and few, so
// splitting one among invocations would cost more than it gains.

import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import type { Lowering, Storage } from "../../graph/graph.ts";
import { formatType, type TensorType } from "../../graph/tensor.ts";
import type { ShaderName } from "../../wgsl/mod.gen.ts";
import { kernel } from "../kernel.ts";

/** @throws {TypeError} unless the type is f32 (N, C), with at least `classes` classes. */
export function checkLogits(
  operation: string,
  logits: TensorType,
  { classes = 1 }: { readonly classes?: number } = {},
): void {
  const { dtype, shape: [, found = 0, ...others] } = logits;
  if (dtype !== "f32" || found < classes || others.length > 0) {
    throw new TypeError(
      `Cannot ${operation}: expected f32 (N, C)${
        classes > 1 ? ` with C of at least ${classes}` : ""
      } but found ${formatType(logits)}`,
    );
  }
}

/** @throws {TypeError} unless there is one u32 label for each row of the logits. */
export function checkLabels(
  operation: string,
  { logits, labels }: {
    readonly logits: TensorType;
    readonly labels: TensorType;
  },
): void {
  const [rows] = logits.shape;
  const { dtype, shape } = labels;
  if (dtype !== "u32" || shape.length !== 1 || shape[0] !== rows) {
    throw new TypeError(
      `Cannot ${operation}: expected labels u32 (${rows}) but found ${
        formatType(labels)
      }`,
    );
  }
}

/** @throws {TypeError} unless both are f32 (N, C) with equal sizes. */
export function checkSameLogits(
  operation: string,
  [a, b]: readonly [TensorType, TensorType],
): void {
  checkLogits(operation, a);
  if (formatType(a) !== formatType(b)) {
    throw new TypeError(
      `Cannot ${operation}: expected two ${formatType(a)} but found ${
        formatType(b)
      }`,
    );
  }
}

/**
 * How an operation is lowered that is one kernel with one invocation for each row
 * of its (N, C) operands. The kernel in `src/wgsl/<name>.wgsl` gets the inputs, the
 * outputs, and N and C as `rows` and `columns` among its arguments.
 */
export function byRow(
  name: ShaderName,
  others: Readonly<Record<string, number>> = {},
): (io: Lowering) => readonly Dispatch<Storage>[] {
  return ({ inputs, outputs }) => {
    const matrix = [...inputs, ...outputs].find(({ shape }) =>
      shape.length === 2
    )!;
    const [rows, columns] = matrix.shape as [number, number];
    return [{
      label: `${name.replaceAll("_", " ")} (${rows}, ${columns})`,
      kernel: kernel(name),
      reads: inputs,
      writes: outputs,
      arguments: { rows, columns, ...others },
      workgroups: linearGrid(rows, 64),
    }];
  };
}
