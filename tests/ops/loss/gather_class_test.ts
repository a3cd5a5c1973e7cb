import { checkWithDerivative } from "../../support/check_derivative.ts";
import { ROW_CASES } from "../../support/row_cases.ts";
import { assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { gatherClass } from "../../../src/ops/loss/gather_class.ts";

checkWithDerivative(
  "gatherClass()",
  ROW_CASES.map(({ name, logits, labels }) => ({
    name,
    inputs: [logits, labels],
    build: ([x, y]) => [gatherClass(x!, y!)],
  })),
);

Deno.test("gatherClass() refuses labels that are not one integer per row", () => {
  const graph = new Graph();
  const x = graph.read(new Variable("x", [4, 3]));
  assertThrows(
    () => gatherClass(x, new Variable("labels", [5], "u32")),
    TypeError,
    "Cannot gather a class: expected labels u32 (4) but found u32 (5)",
  );
  assertThrows(
    () => gatherClass(x, new Variable("labels", [4])),
    TypeError,
    "expected labels u32 (4) but found f32 (4)",
  );
});
