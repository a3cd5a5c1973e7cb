import { checkOp, type OpCase } from "../../support/check_op.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";
import { evaluate } from "../../support/evaluate.ts";
import { ROW_CASES } from "../../support/row_cases.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { grad } from "../../../src/ops/grad.ts";
import { correct, margin } from "../../../src/ops/loss/margin.ts";

checkWithDerivative(
  "margin()",
  ROW_CASES.map(({ name, logits, labels }): OpCase => ({
    name,
    inputs: [logits, labels],
    build: ([z, y]) => [margin(z!, y!)],
  })),
);

checkOp(
  "correct()",
  ROW_CASES.map(({ name, logits, labels }): OpCase => ({
    name,
    inputs: [logits, labels],
    build: ([z, y]) => [correct(z!, y!)],
    kernelOnly: true,
  })),
);

// Each row has equal largest logits.
const ties = {
  shape: [4, 3],
  values: [2, 2, 1, 2, 2, 1, 1, 5, 5, 4, 4, 4],
};
const tieLabels = { shape: [4], dtype: "u32", values: [0, 1, 0, 2] } as const;

Deno.test("margin() takes the first of equal classes", async () => {
  const found = await evaluate([ties, tieLabels], ([z, y]) => {
    const margins = margin(z!, y!);
    return [margins, ...grad(margins, [z!])];
  });
  for (const [margins, gradient] of [found.device, found.reference]) {
    assertEquals(margins, [0, 0, 4, 0]);
    assertEquals(gradient, [-1, 1, 0, 1, -1, 0, -1, 1, 0, 1, 0, -1]);
  }
});

Deno.test("correct() takes the first of equal classes", async () => {
  const found = await evaluate(
    [ties, tieLabels],
    ([z, y]) => [correct(z!, y!)],
  );
  assertEquals(found.device, [[1, 0, 0, 0]]);
  assertEquals(found.reference, [[1, 0, 0, 0]]);
});

Deno.test("margin() and correct() let no NaN pass for a class", async () => {
  const logits = {
    shape: [4, 3],
    values: [NaN, 1, 2, 3, NaN, 2, 3, 1, NaN, NaN, NaN, NaN],
  };
  const labels = { shape: [4], dtype: "u32", values: [0, 0, 0, 1] } as const;
  const { device: [margins, hits] } = await evaluate(
    [logits, labels],
    ([z, y]) => [margin(z!, y!), correct(z!, y!)],
  );
  assertEquals(margins, [NaN, NaN, NaN, NaN]);
  assertEquals(hits, [0, 0, 0, 0]);
});

Deno.test("margin() refuses logits of one class", () => {
  const logits = new Graph().read(new Variable("logits", [4, 1]));
  assertThrows(
    () => margin(logits, new Variable("labels", [4], "u32")),
    TypeError,
    "expected f32 (N, C) with C of at least 2 but found f32 (4, 1)",
  );
});
