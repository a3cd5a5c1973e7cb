import { assertEquals, assertThrows } from "@std/assert";
import { Memory } from "../../src/gpu/memory.ts";
import { ResidentSplit } from "../../src/training/resident_split.ts";
import { testDevice } from "../check_op.ts";

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
    RangeError,
    "expected training images of at least 2 classes but found 1",
  );
});
