import { assertEquals } from "@std/assert";
import { checkOp } from "../../support/check_op.ts";
import { runOnDevice } from "../../support/run_on_device.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { max } from "../../../src/ops/reduce/max.ts";

checkOp(
  "max()",
  [[3, 1], [5, 4, 4, 3], [2, 257], [3, 16, 16, 3]].map((shape) => ({
    name: `(${shape})`,
    inputs: [{ shape }],
    build: ([x]) => [max(x!)],
    kernelOnly: true,
  })),
);

Deno.test("max() finds what is negative, and NaN", async () => {
  const x = new Variable("x", [2, 3]);
  const values = Float32Array.of(-3, -1, -2, 0, NaN, 1);
  const [found] = await runOnDevice([[x, values]], (graph) => [
    max(graph.read(x)),
  ]);
  assertEquals(Array.from(new Float32Array(found!)), [-1, NaN]);
});
