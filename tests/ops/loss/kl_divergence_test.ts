import type { OpCase } from "../../support/check_op.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";
import { evaluate } from "../../support/evaluate.ts";
import { ROW_CASES } from "../../support/row_cases.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { grad } from "../../../src/ops/grad.ts";
import { klDivergence } from "../../../src/ops/loss/kl_divergence.ts";

checkWithDerivative(
  "klDivergence()",
  ROW_CASES.map(({ name, logits }): OpCase => ({
    name,
    inputs: [logits, logits],
    build: ([target, prediction]) => [
      klDivergence({ target: target!, prediction: prediction! }),
    ],
  })),
);

Deno.test("klDivergence() and its gradients are exactly zero between equal logits", async () => {
  const values = [3.1, -2.7, 0.4, 19.3, 80, -80, 79.5, 0];
  const inputs = [{ shape: [2, 4], values }, { shape: [2, 4], values }];
  const { device } = await evaluate(inputs, ([target, prediction]) => {
    const loss = klDivergence({ target: target!, prediction: prediction! });
    return [loss, ...grad(loss, [target!, prediction!])];
  });
  for (const found of device) {
    assertEquals(found.map(Math.abs), found.map(() => 0));
  }
});

Deno.test("klDivergence() refuses logits of different shapes", () => {
  const target = new Graph().read(new Variable("target", [4, 3]));
  assertThrows(
    () => klDivergence({ target, prediction: new Variable("q", [4, 2]) }),
    TypeError,
    "Cannot take the KL divergence: expected two f32 (4, 3) but found f32 (4, 2)",
  );
});
