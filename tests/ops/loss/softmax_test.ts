import { checkWithDerivative } from "../../support/check_derivative.ts";
import { ROW_CASES } from "../../support/row_cases.ts";
import { assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { logSoftmax, softmax } from "../../../src/ops/loss/softmax.ts";

checkWithDerivative(
  "logSoftmax()",
  ROW_CASES.map(({ name, logits }) => ({
    name,
    inputs: [logits],
    build: ([x]) => [logSoftmax(x!)],
  })),
);

checkWithDerivative(
  "softmax()",
  ROW_CASES.map(({ name, logits }) => ({
    name,
    inputs: [logits],
    build: ([x]) => [softmax(x!)],
  })),
);

Deno.test("logSoftmax() refuses what is not f32 (N, C)", () => {
  const graph = new Graph();
  for (
    const [shape, found] of [
      [[3], "f32 (3)"],
      [[2, 3, 4], "f32 (2, 3, 4)"],
    ] as const
  ) {
    assertThrows(
      () => logSoftmax(graph.read(new Variable("x", shape))),
      TypeError,
      `Cannot take the softmax: expected f32 (N, C) but found ${found}`,
    );
  }
});
