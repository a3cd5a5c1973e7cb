import { assertClose, type OpCase } from "../../support/check_op.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";
import { evaluate, type Given } from "../../support/evaluate.ts";
import { ROW_CASES } from "../../support/row_cases.ts";
import { assertEquals } from "@std/assert";
import { compile } from "../../../src/graph/compile.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../../src/graph/tensor.ts";
import { crossEntropy } from "../../../src/ops/loss/cross_entropy.ts";
import { grad } from "../../../src/ops/grad.ts";
import { store } from "../../../src/ops/store.ts";

checkWithDerivative(
  "crossEntropy()",
  ROW_CASES.map(({ name, logits, labels }): OpCase => ({
    name,
    inputs: [logits, labels],
    build: ([z, y]) => [crossEntropy(z!, y!)],
  })),
);

checkWithDerivative("crossEntropy() with probabilities", [{
  name: "(5, 4)",
  inputs: [
    { shape: [5, 4], low: -3, high: 3 },
    { shape: [5, 4], low: 0, high: 1 },
  ],
  build: ([z, p]) => [crossEntropy(z!, p!)],
}]);

/** The loss and its gradient. */
function withGradient([z, y]: readonly Tensor[]): Tensor[] {
  const loss = crossEntropy(z!, y!);
  return [loss, ...grad(loss, [z!])];
}

Deno.test("crossEntropy() keeps a loss and a gradient far below float32's step at 1", async () => {
  const inputs: Given[] = [
    { shape: [2, 3], values: [30, 0, 0, -15, 15, -70] },
    { shape: [2], dtype: "u32", values: [0, 1] },
  ];
  const tiny = Math.exp(-30);
  const expected = {
    loss: [2, 1],
    gradient: [-2, 1, 1, 1, -1, 0],
  };
  const { device, reference } = await evaluate(inputs, withGradient);
  for (const [loss, gradient] of [device, reference]) {
    const inTiny = (values: readonly number[]) => values.map((x) => x / tiny);
    const options = { what: "in units of exp(-30)", tolerance: 1e-5 };
    assertClose(inTiny(loss!), expected.loss, options);
    assertClose(inTiny(gradient!), expected.gradient, options);
  }
});

Deno.test("crossEntropy() is not computed where only its gradient is used", () => {
  const graph = new Graph();
  const logits = graph.read(new Variable("logits", [4, 3]));
  const loss = crossEntropy(logits, new Variable("labels", [4], "u32"));
  store(grad(loss, [logits])[0]!, new Variable("gradient", [4, 3]));
  const program = compile(graph, { name: "attack", adapterClass: "gpu" });
  assertEquals(
    program.blocks.flatMap(({ dispatches }) =>
      dispatches.map(({ label }) => label)
    ),
    ["fill (4)", "cross entropy gradient (4, 3)"],
  );
});
