import { assertEquals } from "@std/assert";
import { fill } from "../../src/ops/fill.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";
import { runOnDevice } from "../support/run_on_device.ts";

checkOp(
  "fill()",
  [[], [5], [3, 100]].flatMap((shape) =>
    (["f32", "u32"] as const).map((dtype): OpCase => ({
      name: `${dtype} (${shape})`,
      inputs: [{ shape: [] }],
      build: ([{ graph } = {} as never]) => [
        fill(graph, { shape, dtype, value: dtype === "u32" ? 70_000 : -0.1 }),
      ],
      tolerance: 1e-7,
      kernelOnly: true,
    }))
  ),
);

Deno.test("fill() writes every number with all its bits", async () => {
  for (const value of [-0, NaN, Infinity, 1e-40, 16_777_215]) {
    const [found] = await runOnDevice(
      [],
      (graph) => [fill(graph, { shape: [2], value })],
    );
    const expected = Math.fround(value);
    assertEquals([...new Float32Array(found!)], [expected, expected]);
  }
  const word = { shape: [2], value: 4294967295, dtype: "u32" } as const;
  const [found] = await runOnDevice([], (graph) => [fill(graph, word)]);
  assertEquals([...new Uint32Array(found!)], [4294967295, 4294967295]);
});
