import { assert, assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { sampleNegatives } from "../../../src/ops/random/sample_negatives.ts";
import {
  type CaseInput,
  checkOp,
  type OpCase,
} from "../../support/check_op.ts";
import { runOnDevice, u32Scalar } from "../../support/run_on_device.ts";

function u32(values: readonly number[], shape = [values.length]): CaseInput {
  return { shape, dtype: "u32", values };
}

/** Images of given numbers per class: [images sorted by class, starts]. */
function tables(sizes: readonly number[]): [number[], number[]] {
  const starts = [0];
  for (const size of sizes) starts.push(starts.at(-1)! + size);
  const count = starts.at(-1)!;
  return [Array.from({ length: count }, (_, i) => (7 * i + 3) % count), starts];
}

/** Images per class, labels, draws: odd sizes, an empty class, pairs. */
const cases = ([
  [[3, 5, 3], [0, 1, 2, 1, 0], 7],
  [[1, 1], [1, 0], 3],
  [[2, 0, 9], [2, 0, 0], 5],
  [[20, 20, 13], [2], 260],
] as const).map(([sizes, labels, draws]): OpCase => {
  const [order, starts] = tables(sizes);
  return {
    name: `${draws} for each of ${labels.length}, classes of ${sizes}`,
    inputs: [u32(labels), u32(order), u32(starts), u32([5], [])],
    build: ([labels, , , step], [, order, starts]) => [
      sampleNegatives(labels!, { order: order!, starts: starts! }, {
        draws,
        key: { seed: 4, stream: "others", step: step! },
      }),
    ],
    tolerance: 0,
    kernelOnly: true,
  };
});
checkOp("sampleNegatives()", cases);

Deno.test("sampleNegatives() draws every image of the other classes equally often, and no other", async () => {
  const [images, starts] = tables([13, 8, 10]);
  const order = new Variable("order", [31], "u32");
  const bounds = new Variable("starts", [4], "u32");
  const labels = new Variable("labels", [3], "u32");
  const step = u32Scalar("step", 9);
  const draws = 20_000;
  const [found] = await runOnDevice([
    [order, Uint32Array.from(images)],
    [bounds, Uint32Array.from(starts)],
    [labels, Uint32Array.of(0, 1, 2)],
    step,
  ], (graph) => [
    sampleNegatives(graph.read(labels), { order, starts: bounds }, {
      draws,
      key: { seed: 1, stream: "others", step: graph.read(step[0]) },
    }),
  ]);
  const rows = new Uint32Array(found!);
  for (let label = 0; label < 3; label++) {
    const own = images.slice(starts[label], starts[label + 1]);
    const counts = new Array<number>(31).fill(0);
    for (const image of rows.subarray(label * draws, (label + 1) * draws)) {
      counts[image]!++;
    }
    assertEquals(own.filter((image) => counts[image]! > 0), []);
    const others = images.filter((image) => !own.includes(image));
    const expected = draws / others.length;
    const chi = others
      .reduce((sum, i) => sum + (counts[i]! - expected) ** 2 / expected, 0);
    const degrees = others.length - 1;
    assert(
      Math.abs(chi - degrees) < 4 * Math.sqrt(2 * degrees),
      `chi-squared is ${chi} with ${degrees} degrees of freedom`,
    );
  }
});

Deno.test("sampleNegatives() refuses to draw nothing", () => {
  const graph = new Graph();
  const u32 = (shape: number[]) => new Variable("u32", shape, "u32");
  assertThrows(
    () =>
      sampleNegatives(graph.read(u32([3])), {
        order: u32([9]),
        starts: u32([4]),
      }, {
        draws: 0,
        key: { seed: 1, stream: "others", step: graph.read(u32([])) },
      }),
    RangeError,
    "expected a whole number of at least 1 but found 0",
  );
});
