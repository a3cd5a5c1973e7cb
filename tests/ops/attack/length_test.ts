import { assert, assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { lengthL2, unitL2 } from "../../../src/ops/attack/length.ts";
import { checkOp } from "../../support/check_op.ts";
import { runOnDevice } from "../../support/run_on_device.ts";

// Images of 27 elements are taken one by one, others four at a time; those of
// 1,200 need several turns of a workgroup, those of 2 leave most of it idle.
const SHAPES = [[3, 2], [3, 3, 3, 3], [2, 4, 4, 3], [4, 20, 20, 3]];

for (const [name, measure] of Object.entries({ lengthL2, unitL2 })) {
  checkOp(
    `${name}()`,
    SHAPES.map((shape) => ({
      name: `(${shape})`,
      inputs: [{ shape }],
      build: ([x]) => [measure(x!)],
      kernelOnly: true,
    })),
  );
}

/** From the smallest normal number to the largest one. */
const MAGNITUDES = [2 ** -126, 1e-30, 1e-17, 1, 1e18, 1e38];

async function measured(images: readonly number[][]) {
  const x = new Variable("x", [images.length, images[0]!.length]);
  const found = await runOnDevice(
    [[x, Float32Array.from(images.flat())]],
    (graph) => [lengthL2(graph.read(x)), unitL2(graph.read(x))],
  );
  return found.map((bytes) => [...new Float32Array(bytes)]) as [
    number[],
    number[],
  ];
}

for (const values of [[3, 0, -4], [2, 2, -2, 2]]) {
  Deno.test(`no image of ${values.length} numbers vanishes or overflows`, async () => {
    const largest = Math.max(...values.map(Math.abs));
    const images = MAGNITUDES.map((m) =>
      values.map((v) => Math.fround(m * v / largest))
    );
    const [lengths, units] = await measured(images);
    images.flat().forEach((v, i) => {
      const image = Math.floor(i / values.length);
      const length = Math.hypot(...images[image]!);
      assert(Math.abs(lengths[image]! / length - 1) < 2 ** -20);
      assert(Math.abs(units[i]! - v / length) < 2 ** -20);
    });
  });
}

Deno.test("an image of zeros has length 0 and direction 0", async () => {
  const [lengths, units] = await measured([[0, 0, -0], [0, 1, 0]]);
  assertEquals(lengths, [0, 1]);
  assertEquals(units.map((v) => v + 0), [0, 0, 0, 0, 1, 0]);
});

Deno.test("NaN stays NaN, in its own image", async () => {
  const [lengths, units] = await measured([[1, NaN, -1, 2], [0, 0, 2, 0]]);
  assertEquals(lengths, [NaN, 2]);
  assertEquals(units, [NaN, NaN, NaN, NaN, 0, 0, 1, 0]);
});

Deno.test("lengthL2() refuses what is no batch of images", () => {
  const graph = new Graph();
  assertThrows(
    () => lengthL2(graph.read(new Variable("x", [3]))),
    TypeError,
    "Cannot measure: expected f32 (N, …) but found f32 (3)",
  );
});
