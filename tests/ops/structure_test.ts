// Operations that move numbers and compute nothing: reshape(), concat(), slice() and
// gatherRows().

import { assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { concat, slice } from "../../src/ops/concat.ts";
import { gatherRows } from "../../src/ops/gather_rows.ts";
import { flatten, reshape } from "../../src/ops/reshape.ts";
import { checkWithDerivative } from "../support/check_derivative.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";

checkWithDerivative("reshape()", [
  {
    name: "(4, 6) to (2, 3, 4)",
    inputs: [{ shape: [4, 6] }],
    build: ([x]) => [reshape(x!, [2, -1, 4])],
  },
  {
    name: "(3, 2, 5) to rows",
    inputs: [{ shape: [3, 2, 5] }],
    build: ([x]) => [flatten(x!)],
  },
]);

checkWithDerivative(
  "concat()",
  [[[2, 3], [5, 3]], [[2, 3, 2], [2, 1, 2]], [[2, 3], [2, 4]]].map(
    (shapes, axis): OpCase => {
      const along = Math.min(axis, 1);
      return {
        name: `${shapes.map((shape) => `(${shape})`).join(" and ")}`,
        inputs: [...shapes, shapes[0]!].map((shape) => ({ shape })),
        build: (inputs) => [concat(inputs, { axis: along })],
      };
    },
  ),
);

checkWithDerivative("slice()", [
  {
    name: "the middle of a middle axis",
    inputs: [{ shape: [2, 5, 3] }],
    build: ([x]) => [slice(x!, { axis: 1, start: 1, end: 4 })],
  },
  {
    name: "the end of the last axis",
    inputs: [{ shape: [4, 6] }],
    build: ([x]) => [slice(x!, { axis: 1, start: 4 })],
  },
]);

checkOp("gatherRows()", [{
  name: "(7, 5) to 4",
  inputs: [
    { shape: [7, 5] },
    { shape: [4], dtype: "u32", values: [6, 0, 3, 3] },
  ],
  build: ([table, rows]) => [gatherRows(table!, rows!)],
  kernelOnly: true,
}]);

Deno.test("reshape(), concat() and slice() refuse what does not fit", () => {
  const graph = new Graph();
  const x = graph.read(new Variable("x", [4, 6]));
  const y = graph.read(new Variable("y", [5, 7]));
  assertThrows(
    () => reshape(x, [5, -1]),
    TypeError,
    "Cannot reshape: expected a shape of 24 numbers for f32 (4, 6) but found",
  );
  assertThrows(
    () => concat([x, y]),
    TypeError,
    "Cannot concatenate: expected shapes that differ along axis 1 alone but " +
      "found f32 (4, 6) and f32 (5, 7)",
  );
  assertThrows(
    () => slice(x, { axis: 1, end: 7 }),
    RangeError,
    "Cannot slice: expected a part of axis 1 of f32 (4, 6) but found 0 to 7",
  );
  assertEquals(concat([x, x], { axis: 0 }).shape, [8, 6]);
});
