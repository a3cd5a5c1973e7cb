import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { ResidentSplit } from "../../src/step/resident_split.ts";
import { testDevice } from "../support/check_op.ts";

const shape = { channels: 3, height: 2, width: 2 } as const;

function splitOf(labels: readonly number[]) {
  const count = labels.length;
  return {
    images: new Uint8Array(12 * count),
    labels: Uint8Array.from(labels),
    count,
  };
}

Deno.test("ResidentSplit.byClass() sorts the images by class, in their order", async () => {
  using memory = new Memory(await testDevice());
  const labels = [2, 0, 3, 2, 0, 0, 3];
  const data = new ResidentSplit("training", { count: labels.length, shape });
  const { order, starts } = data.byClass(5);
  data.upload(memory, splitOf(labels));
  const [places, bounds] = await memory.read([order, starts]);
  assertEquals([...new Uint32Array(places!)], [1, 4, 5, 0, 3, 2, 6]);
  assertEquals([...new Uint32Array(bounds!)], [0, 3, 3, 5, 7, 7]);
});

Deno.test("ResidentSplit.upload() refuses one class alone where others are drawn", async () => {
  using memory = new Memory(await testDevice());
  const data = new ResidentSplit("training", { count: 3, shape });
  data.byClass(5);
  assertThrows(
    () => data.upload(memory, splitOf([4, 4, 4])),
    UserError,
    "expected training images of at least 2 classes but found 1",
  );
});

Deno.test("ResidentSplit.upload() fills up images that end inside a word", async () => {
  using memory = new Memory(await testDevice());
  const odd = { channels: 3, height: 1, width: 3 } as const;
  const data = new ResidentSplit("training", { count: 3, shape: odd });
  const images = Uint8Array.from({ length: 27 }, (_, i) => i + 1);
  // As a cache of images gives them: a part of a buffer that begins anywhere.
  const part = new Uint8Array([9, ...images]).subarray(1);
  const labels = new Uint8Array(3);
  data.upload(memory, { images: part, labels, count: 3 });
  const [bytes] = await memory.read([data.images]);
  assertEquals([...new Uint8Array(bytes!)], [...images, 0]);
});
