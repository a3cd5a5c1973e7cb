// Programs are plain data, so their costs and grids need no device; one kernel over
// more workgroups than a dimension holds runs on one.

import { assert, assertEquals } from "@std/assert";
import { linearGrid, type Program } from "../../src/gpu/program.ts";
import { costOf } from "../../src/graph/cost.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { fill } from "../../src/ops/fill.ts";
import { runOnDevice } from "../run_on_device.ts";
import { affine, double } from "./programs.ts";

Deno.test("costOf() counts loops, arithmetic, traffic, scratch and variables", () => {
  const parameters = new Variable("parameters", [100]);
  const program: Program = {
    name: "test",
    buffers: [
      { label: "scratch 0", size: 400 },
      { label: "scratch 1", size: 40 },
      { label: "parameters", size: 400, variable: parameters },
    ],
    segments: [
      { repeat: 1, dispatches: [affine([2, 0], { size: 100 })] },
      {
        repeat: 10,
        dispatches: [
          { ...affine([0, 1], { size: 10 }), flops: 30 },
          { ...affine([1, 0], { size: 5 }), flops: 7 },
        ],
      },
      { repeat: 1, dispatches: [double(2)] },
    ],
  };
  assertEquals(costOf(program), {
    dispatches: 1 + 10 * 2 + 1,
    flops: 10 * (30 + 7),
    bytes: 2 * 400 + 10 * (2 * 40 + 2 * 20) + 4,
    scratchBytes: 440,
    variableBytes: 400,
  });
});

Deno.test("costOf() finds nothing in an empty program", () => {
  const cost = costOf({ name: "empty", buffers: [], segments: [] });
  assertEquals(Object.values(cost), [0, 0, 0, 0, 0]);
});

Deno.test("linearGrid() has an invocation for every element and few to spare", () => {
  const threads = [0, 1, 64, 65, 4_194_240, 4_194_241, 8_388_480, 1e8, 2 ** 32];
  for (const count of threads) {
    const [columns, rows, layers] = linearGrid(count, 64);
    const groups = columns * rows * layers;
    assert(columns <= 65_535 && rows <= 65_535, `${columns} x ${rows}`);
    assert(groups >= 1 && 64 * groups >= count, `${count}`);
    // Rounding up to whole rows wastes less than one group per row.
    assert(groups < Math.max(1, Math.ceil(count / 64)) + rows, `${count}`);
  }
  assertEquals(linearGrid(65_535 * 64, 64), [65_535, 1, 1]);
  assertEquals(linearGrid(65_536 * 64, 64), [32_768, 2, 1]);
});

Deno.test("linearGrid() reaches the last element beyond 65,535 workgroups", async () => {
  const size = 65_535 * 64 + 65;
  const [bytes] = await runOnDevice(
    [],
    (graph) => [fill(graph, { shape: [size], value: 3 })],
  );
  const found = new Float32Array(bytes!);
  assertEquals(found.length, size);
  assert(found.every((x) => x === 3));
});
