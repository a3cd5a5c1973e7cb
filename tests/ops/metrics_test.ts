import { assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { accumulate } from "../../src/ops/metrics.ts";
import { fill } from "../../src/ops/fill.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";
import { runOnDevice } from "../support/run_on_device.ts";

checkOp(
  "accumulate()",
  [[], [1], [7], [64], [65], [3, 100]].map((shape): OpCase => ({
    name: `(${shape}) into slot 2`,
    inputs: [{ shape: [5] }, { shape }],
    build: ([, value], [metrics]) => {
      accumulate(metrics!, { slot: 2, value: value! });
      return [];
    },
    updated: [0],
    kernelOnly: true,
  })),
);

Deno.test("accumulate() adds up over the iterations of a loop", async () => {
  const metrics = new Variable("metrics", [2]);
  const start = Float32Array.of(1, 10);
  const [found] = await runOnDevice([[metrics, start]], (graph) => {
    graph.repeat(7, () => {
      const value = fill(graph, { shape: [128], value: 1 });
      accumulate(metrics, { slot: 1, value });
    });
    return [metrics];
  });
  assertEquals([...new Float32Array(found!)], [1, 10 + 7 * 128]);
});

Deno.test("accumulate() refuses a slot that is not there", () => {
  const value = fill(new Graph(), { shape: [], value: 1 });
  for (const slot of [-1, 4, 0.5]) {
    assertThrows(
      () => accumulate(new Variable("metrics", [4]), { slot, value }),
      RangeError,
      `expected a slot from 0 to 3 but found ${slot}`,
    );
  }
});
