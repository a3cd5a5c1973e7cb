// Sets a variable to a value, which is how results leave a graph. Where it is safe, the
// compiler lets the value's producer write into the variable, and nothing is copied.

import { linearGrid } from "../gpu/program.ts";
import { apply, type Op, type Operand } from "../graph/graph.ts";
import { formatType, sizeOf, type Variable } from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";

/** variable := value. */
export const storeOp: Op = {
  name: "store",
  updates: [1],
  copies: true,

  infer([value, variable]) {
    const same = value!.dtype === variable!.dtype &&
      sizeOf(value!.shape) === sizeOf(variable!.shape);
    if (!same) {
      throw new TypeError(
        `Cannot store: expected ${formatType(variable!)} but found ${
          formatType(value!)
        }`,
      );
    }
    return [];
  },

  lower: ({ inputs: [value, variable] }) => [{
    label: "copy",
    kernel: kernel("copy"),
    reads: [value!],
    writes: [variable!],
    workgroups: linearGrid(sizeOf(value!.shape), 64),
  }],
};

/** Sets `variable` to `value`, which has as many elements. */
export function store(value: Operand, variable: Variable): void {
  apply(storeOp, [value, variable], undefined);
}
