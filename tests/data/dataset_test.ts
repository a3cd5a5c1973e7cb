import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  checkDataset,
  contentHash,
  type Dataset,
  holdOut,
  sha256,
  type Split,
  take,
} from "../../src/data/dataset.ts";

/** `count` images of 1 x 2 pixels, numbered through. */
function numbered(count: number): Split {
  const images = Uint8Array.from({ length: count * 6 }, (_, i) => i);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  return { images, labels, count };
}

function example(changes: Partial<Dataset> = {}): Dataset {
  return {
    name: "example",
    title: "Example",
    classNames: ["a", "b", "c"],
    shape: { channels: 3, height: 1, width: 2 },
    train: numbered(5),
    test: numbered(2),
    notes: [],
    ...changes,
  };
}

Deno.test("checkDataset() accepts splits that fit their shape", () => {
  checkDataset(example());
});

Deno.test("checkDataset() refuses a label without a class", () => {
  const train = numbered(5);
  train.labels[3] = 3;
  assertThrows(
    () => checkDataset(example({ train })),
    RangeError,
    "Cannot use the train split of Example: expected labels from 0 to 2 but " +
      "found 3 at image 3",
  );
});

Deno.test("checkDataset() refuses arrays of the wrong size", () => {
  const { images, labels } = numbered(5);
  assertThrows(
    () => checkDataset(example({ test: { images, labels, count: 4 } })),
    TypeError,
    "the test split of Example: expected 4 labels but found 5",
  );
  const cut = images.subarray(1);
  assertThrows(
    () => checkDataset(example({ train: { images: cut, labels, count: 5 } })),
    TypeError,
    "expected 30 bytes for 5 images of 3 x 1 x 2 but found 29",
  );
});

Deno.test("checkDataset() refuses an empty split", () => {
  assertThrows(
    () => checkDataset(example({ test: numbered(0) })),
    TypeError,
    "the test split of Example: expected at least 1 image but found 0",
  );
});

Deno.test("checkDataset() refuses impossible shapes and class counts", () => {
  assertThrows(
    () => checkDataset(example({ classNames: ["a"] })),
    RangeError,
    "expected 2 to 65536 classes but found 1",
  );
  const shape = { channels: 3, height: 0, width: 2 } as const;
  assertThrows(
    () => checkDataset(example({ shape })),
    RangeError,
    "found 0 x 2",
  );
});

Deno.test("take() keeps the first images, at most all of them", () => {
  const split = numbered(5);
  const first = take(split, 2);
  assertEquals(first, numbered(2));
  assert(first.images.buffer === split.images.buffer);
  assertEquals(take(split, 9), split);
  assertThrows(() => take(split, 0), RangeError, "at least 1 but found 0");
});

Deno.test("holdOut() splits off the last images", () => {
  const split = numbered(5);
  const { kept, heldOut } = holdOut(split, 2);
  assertEquals(kept, numbered(3));
  assertEquals(heldOut.count, 2);
  assertEquals(heldOut.images, split.images.slice(18));
  assertEquals(heldOut.labels, split.labels.slice(3));
});

Deno.test("holdOut() leaves an image on either side", () => {
  for (const count of [0, 5, 1.5]) {
    assertThrows(
      () => holdOut(numbered(5), count),
      RangeError,
      `expected a whole number from 1 to 4 of the 5 images but found ${count}`,
    );
  }
});

Deno.test("sha256() matches the published known answer", async () => {
  const abc = new TextEncoder().encode("abc");
  assertEquals(
    await sha256(abc),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("contentHash() covers pixels, labels and shape, not names", async () => {
  const hash = await contentHash(example());
  assertEquals(hash.length, 64);
  assertEquals(await contentHash(example({ name: "x", title: "X" })), hash);

  const pixel = numbered(5);
  pixel.images[29]! ^= 1;
  assertNotEquals(await contentHash(example({ train: pixel })), hash);
  const label = numbered(2);
  label.labels[0] = 2;
  assertNotEquals(await contentHash(example({ test: label })), hash);
  const shape = { channels: 3, height: 2, width: 1 } as const;
  assertNotEquals(await contentHash(example({ shape })), hash);
});

Deno.test("contentHash() notices an image that changes sides", async () => {
  const all = numbered(7);
  const hashes = new Set<string>();
  for (const count of [2, 3]) {
    const { kept, heldOut } = holdOut(all, count);
    hashes.add(await contentHash(example({ train: kept, test: heldOut })));
  }
  assertEquals(hashes.size, 2);
});
