import { assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { grad } from "../../../src/ops/grad.ts";
import { avgPool2d } from "../../../src/ops/pool/average_pool.ts";
import { maxPool2d } from "../../../src/ops/pool/max_pool.ts";
import type { OpCase } from "../../support/check_op.ts";
import { checkWithDerivative } from "../../support/check_derivative.ts";
import { runOnDevice } from "../../support/run_on_device.ts";

/** [N, H, W, C, window, stride, padding]: windows apart, overlapping and padded. */
const CASES = [
  [2, 4, 6, 3, 2, 2, 0],
  [1, 5, 7, 4, 3, 2, 1],
  [2, 7, 5, 1, 3, 1, 1],
  [1, 7, 7, 2, 2, 3, 1],
] as const;

for (const [name, pool] of Object.entries({ avgPool2d, maxPool2d })) {
  const cases = CASES.map((
    [N, H, W, C, kernelSize, stride, padding],
  ): OpCase => ({
    name: `${N}x${H}x${W}x${C}, ${kernelSize} / ${stride}, padding ${padding}`,
    inputs: [{ shape: [N, H, W, C] }],
    build: ([x]) => [pool(x!, { kernelSize, stride, padding })],
  }));
  checkWithDerivative(`${name}()`, cases);
}

Deno.test("maxPool2d() gives a tie's cotangent to the first, and keeps NaN", async () => {
  const x = new Variable("x", [2, 2, 2, 1]);
  const values = Float32Array.of(1, 3, 3, 2, 1, NaN, 5, 2);
  const [y, dx] = await runOnDevice([[x, values]], (graph) => {
    const at = graph.read(x);
    const y = maxPool2d(at, { kernelSize: 2 });
    return [y, ...grad(y, [at])];
  });
  assertEquals([...new Float32Array(y!)], [3, NaN]);
  assertEquals([...new Float32Array(dx!)], [0, 1, 0, 0, 0, 1, 0, 0]);
});

Deno.test("maxPool2d() refuses windows that do not fit", () => {
  const x = new Graph().read(new Variable("x", [1, 3, 3, 2]));
  assertThrows(
    () => maxPool2d(x, { kernelSize: 4 }),
    TypeError,
    "Cannot pool: expected f32 (N, H, W, C) with room for windows of 4 x 4 but " +
      "found f32 (1, 3, 3, 2)",
  );
  assertThrows(
    () => maxPool2d(x, { kernelSize: 2, padding: 2 }),
    RangeError,
    "a padding of at most half the window",
  );
});
