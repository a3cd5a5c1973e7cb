import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { checkDataset, contentHash, take } from "../../src/data/dataset.ts";
import { shapes } from "../../src/data/shapes.ts";

const SMALL = { train: 40, test: 20 };

Deno.test("shapes() is a balanced data set of ten classes", () => {
  const dataset = shapes();
  checkDataset(dataset);
  assertEquals([dataset.train.count, dataset.test.count], [4096, 1024]);
  assertEquals(dataset.shape, { channels: 3, height: 32, width: 32 });
  assertEquals(dataset.classNames.length, 10);
  for (const { labels, count } of [dataset.train, dataset.test]) {
    for (let label = 0; label < 10; label++) {
      const found = labels.filter((other) => other === label).length;
      assertAlmostEquals(found, count / 10, 1);
    }
  }
});

Deno.test("shapes() is the same to the bit on every machine", async () => {
  assertEquals(
    await contentHash(shapes({ seed: 0, ...SMALL })),
    "925b8c5156e1b688a98bc719c203038afd449be8292564c3d25712d71d992c50",
  );
  assertEquals(
    await contentHash(shapes({ seed: 4294967295, ...SMALL })),
    "3abd805ba5a4a0c4d309a9931d4c3fb44343e38c84bd435ec830449871905d7a",
  );
});

Deno.test("shapes() begins a larger set with the smaller one", () => {
  const { train, test } = shapes(SMALL);
  const more = shapes({ train: 50, test: 21 });
  assertEquals(take(more.train, 40), train);
  assertEquals(take(more.test, 20), test);
});

Deno.test("shapes() depends on the seed and differs between splits", () => {
  const { train, test } = shapes(SMALL);
  assertNotEquals(take(train, 20).images, test.images);
  assertNotEquals(shapes({ ...SMALL, seed: 1 }).train.images, train.images);
});

Deno.test("shapes() seldom reaches the ends of the range of a byte", () => {
  const { images } = shapes(SMALL).train;
  const clipped = images.filter((byte) => byte === 0 || byte === 255).length;
  assert(clipped < 0.01 * images.length, `${clipped} of ${images.length}`);
});

Deno.test("shapes() spreads noise over every pixel", () => {
  // The pixels of a corner are seldom drawn on and differ by their noise.
  const { images, count } = shapes({ train: 1000, test: 1 }).train;
  const differences: number[] = [];
  for (let image = 0; image < count; image++) {
    const corner = image * 3072;
    differences.push(Math.abs(images[corner]! - images[corner + 1]!));
  }
  differences.sort((a, b) => a - b);
  // The median difference of two uniform numbers is (2 - sqrt(2)) / 2 of the
  // range of 24; the texture changes by at most 1.5 from pixel to pixel, to
  // either side.
  const median = differences[count / 2]!;
  assertAlmostEquals(median, 24 * (2 - Math.SQRT2) / 2, 1.5);
});

Deno.test("shapes() refuses impossible seeds and counts", () => {
  assertThrows(() => shapes({ seed: -1 }), RangeError, "the seed");
  for (const train of [0, 1.5, -1, NaN]) {
    assertThrows(
      () => shapes({ train }),
      RangeError,
      `expected a whole number of at least 1 image but found ${train}`,
    );
  }
});
