import { assertEquals, assertThrows } from "@std/assert";
import { type ArrayDataset, datasetFromArrays } from "../../src/data/arrays.ts";

// Two images of 1 x 2 pixels. Tens are pixels, ones are channels.
const INTERLEAVED = [10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42];
const PLANAR = [10, 20, 11, 21, 12, 22, 30, 40, 31, 41, 32, 42];

function example(changes: Partial<ArrayDataset> = {}): ArrayDataset {
  return {
    name: "mine",
    classNames: ["a", "b"],
    height: 1,
    width: 2,
    layout: "interleaved",
    train: { images: Uint8Array.from(INTERLEAVED), labels: [0, 1] },
    test: { images: Uint8Array.from(INTERLEAVED.slice(0, 6)), labels: [1] },
    ...changes,
  };
}

Deno.test("datasetFromArrays() separates interleaved channels", () => {
  const { train, test, title, shape, notes } = datasetFromArrays(example());
  assertEquals([...train.images], PLANAR);
  assertEquals([...train.labels], [0, 1]);
  assertEquals([train.count, test.count], [2, 1]);
  assertEquals([...test.images], PLANAR.slice(0, 6));
  assertEquals(title, "mine");
  assertEquals(shape, { channels: 3, height: 1, width: 2 });
  assertEquals(notes, []);
});

Deno.test("datasetFromArrays() keeps planar images as they are", () => {
  const images = Uint8Array.from(PLANAR);
  const test = { images, labels: Uint8Array.of(1, 0) };
  const { test: copy } = datasetFromArrays(
    example({ layout: "planar", train: test, test }),
  );
  assertEquals(copy.images, images);
});

Deno.test("datasetFromArrays() copies what it is given", () => {
  for (const layout of ["planar", "interleaved"] as const) {
    const given = example({ layout });
    const { train } = datasetFromArrays(given);
    const before = train.images.slice();
    given.train.images.fill(0);
    assertEquals(train.images, before);
  }
});

Deno.test("datasetFromArrays() refuses labels that are no class", () => {
  const { images } = example().train;
  assertThrows(
    () => datasetFromArrays(example({ train: { images, labels: [0, 2] } })),
    RangeError,
    "Cannot use the train split of mine: expected labels from 0 to 1 but " +
      "found 2 at image 1",
  );
  for (const label of [-1, 256, 0.5, NaN]) {
    assertThrows(
      () =>
        datasetFromArrays(example({ test: { images, labels: [0, label] } })),
      RangeError,
      "Cannot use the test split of mine: expected labels to be class " +
        `indices below 256 but found ${label} at image 1`,
    );
  }
});

Deno.test("datasetFromArrays() refuses images of another size", () => {
  assertThrows(
    () => datasetFromArrays(example({ width: 3 })),
    TypeError,
    "expected 18 bytes for 2 images of 3 x 1 x 3 but found 12",
  );
});
