// Batches of a split on the device and of uploaded arrays: the same images, whatever
// their order.

import { assertEquals, assertThrows } from "@std/assert";
import { shapes } from "../../src/data/shapes.ts";
import { floatImages } from "../../src/data/float_images.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { add } from "../../src/ops/pointwise.ts";
import { store } from "../../src/ops/store.ts";
import { batchSizes, bindBatches } from "../../src/step/batch_programs.ts";
import {
  type BatchSource,
  consecutiveBatches,
  ResidentBatches,
  UploadedBatches,
} from "../../src/step/batch_source.ts";
import { ResidentSplit } from "../../src/step/resident_split.ts";
import { testDevice } from "../support/check_op.ts";

const { test, shape } = shapes({ train: 10, test: 11 });
const VALUES = 3 * 32 * 32;

/** Reads images back through a source, batch by batch. */
async function imagesOf(
  memory: Memory,
  source: BatchSource,
  batches: Iterable<{ indices: readonly number[]; number: number }>,
): Promise<{ images: Float32Array; labels: number[]; numbers: number[] }> {
  const all: number[] = [], labels: number[] = [], numbers: number[] = [];
  for (const batch of batches) {
    const size = batch.indices.length;
    const images = new Variable("images read", [size, 32, 32, 3]);
    const classes = new Variable("classes read", [size], "u32");
    const number = new Variable("number read", [], "u32");
    using plans = await bindBatches(memory, {
      name: "read",
      sizes: [size],
      trace: (graph) => {
        const traced = source.trace(graph, size);
        store(traced.x, images);
        store(traced.labels, classes);
        store(traced.number, number);
      },
    });
    source.load(memory, batch);
    plans.run(size);
    const [x, y, n] = await memory.read([images, classes, number]);
    all.push(...new Float32Array(x!));
    labels.push(...new Uint32Array(y!));
    numbers.push(...new Uint32Array(n!));
  }
  return { images: Float32Array.from(all), labels, numbers };
}

for (const name of ["ResidentBatches", "UploadedBatches"] as const) {
  Deno.test(`${name} gives the images that are loaded, in any order`, async () => {
    using memory = new Memory(await testDevice());
    const batchSize = 4;
    const data = new ResidentSplit("test", { count: test.count, shape });
    data.upload(memory, test);
    const source = name === "ResidentBatches"
      ? new ResidentBatches(data, { batchSize })
      : new UploadedBatches({ shape, batchSize }).of(test);
    assertEquals(source.count, 11);
    const all = floatImages(test, shape);
    const whole = await imagesOf(
      memory,
      source,
      consecutiveBatches({ count: 11, batchSize }),
    );
    assertEquals(whole.images, all);
    assertEquals(whole.labels, [...test.labels]);
    assertEquals(whole.numbers, [0, 1, 2]);
    const mixed = { indices: [9, 2, 2], number: 7 };
    const some = await imagesOf(memory, source, [mixed]);
    assertEquals(some.labels, mixed.indices.map((i) => test.labels[i]!));
    assertEquals(some.numbers, [7]);
    mixed.indices.forEach((i, n) =>
      assertEquals(
        some.images.subarray(n * VALUES, (n + 1) * VALUES),
        all.subarray(i * VALUES, (i + 1) * VALUES),
      )
    );
  });
}

Deno.test("ResidentBatches ends at its limit", () => {
  const data = new ResidentSplit("test", { count: test.count, shape });
  assertEquals(new ResidentBatches(data, { batchSize: 4, limit: 6 }).count, 6);
  assertEquals(
    new ResidentBatches(data, { batchSize: 4, limit: 60 }).count,
    11,
  );
});

Deno.test("batchSizes() has one size more where batches do not divide evenly", () => {
  const sizes = (count: number, batchSize: number) =>
    batchSizes({ count, batchSize });
  assertEquals(sizes(12, 4), [4]);
  assertEquals(sizes(13, 4), [4, 1]);
  assertEquals(sizes(3, 4), [3]);
});

Deno.test("BatchPlans.run() takes the sizes that were traced", async () => {
  using memory = new Memory(await testDevice());
  const sum = new Variable("sum", [4]);
  using plans = await bindBatches(memory, {
    name: "doubled",
    sizes: [4, 2],
    trace: (graph, size) => {
      const part = sum.slice("part", 0, { dtype: "f32", shape: [size] });
      const x = graph.read(part);
      store(add(x, x), part);
    },
  });
  memory.write(sum, Float32Array.of(1, 2, 3, 4));
  plans.run(4);
  plans.run(2);
  const [bytes] = await memory.read([sum]);
  assertEquals([...new Float32Array(bytes!)], [4, 8, 6, 8]);
  assertThrows(
    () => plans.run(3),
    RangeError,
    "Cannot run a batch: expected 4 or 2 images but found 3",
  );
});
