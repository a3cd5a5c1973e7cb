// The shape of a launch needs no device; one kernel over more workgroups than a
// dimension holds runs on one.

import { assert, assertEquals } from "@std/assert";
import { linearGrid } from "../../src/gpu/program.ts";
import { fill } from "../../src/ops/fill.ts";
import { runOnDevice } from "../support/run_on_device.ts";

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
