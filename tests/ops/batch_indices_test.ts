import { assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { batchIndices } from "../../src/ops/batch_indices.ts";
import { permutation } from "../../src/base/random_sequence.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";

/** [images, position, batch]: odd sizes, one image, and an order that ends early. */
const cases = [[7, 0, 7], [7, 3, 2], [300, 130, 129], [1, 0, 1], [5, 3, 4]]
  .map(([images, position, batch]): OpCase => ({
    name: `${batch} of ${images} from ${position}`,
    inputs: [
      {
        shape: [images!],
        dtype: "u32",
        values: [...permutation({ seed: 1, stream: "o", step: 0 }, images!)],
      },
      { shape: [], dtype: "u32", values: [position!] },
    ],
    build: ([, position], [order]) => [
      batchIndices({ order: order!, position: position! }, { batch: batch! }),
    ],
    tolerance: 0,
    kernelOnly: true,
  }));
checkOp("batchIndices()", cases);

Deno.test("batchIndices() refuses an order that is shorter than the batch", () => {
  const position = new Graph().read(new Variable("position", [], "u32"));
  const order = new Variable("order", [3], "u32");
  assertThrows(
    () => batchIndices({ order, position }, { batch: 4 }),
    TypeError,
    "expected an order u32 of at least 4 images but found u32 (3)",
  );
});
