import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Split } from "../../src/data/dataset.ts";
import { UserError } from "../../src/base/errors.ts";
import { dropLabels, unlabeledCount } from "../../src/data/drop_labels.ts";

/** Images of 12 bytes that tell their places. */
function splitOf(count: number): Split {
  return {
    images: Uint8Array.from({ length: 12 * count }, (_, i) => i / 12),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 7),
    count,
  };
}

Deno.test("dropLabels() parts the images, each with what is its own", () => {
  const split = splitOf(101);
  const { labeled, unlabeled } = dropLabels(split, 0.4);
  assertEquals([labeled.count, unlabeled.count], [61, 40]);
  assertEquals(unlabeledCount(101, 0.4), 40);
  const places = ({ images }: Pick<Split, "images">) => [
    ...images.filter((_, i) => i % 12 === 5),
  ];
  const [within, without] = [places(labeled), places(unlabeled)];
  assertEquals(within, within.toSorted((a, b) => a - b));
  assertEquals(without, without.toSorted((a, b) => a - b));
  assertEquals(new Set([...within, ...without]).size, 101);
  assertEquals([...labeled.labels], within.map((image) => image % 7));
  assertEquals(Object.keys(unlabeled).sort(), ["count", "images"]);
});

Deno.test("dropLabels() takes of every class, in whatever order they come", () => {
  const { unlabeled } = dropLabels(splitOf(250), 0.5);
  const places = unlabeled.images.filter((_, i) => i % 12 === 0);
  for (const tenth of [0, 3, 9]) {
    const own = places.filter((place) => Math.floor(place / 25) === tenth);
    assert(own.length > 5 && own.length < 20, `${own.length} of 25`);
  }
});

Deno.test("dropLabels() leaves some image its label, or refuses", () => {
  assertEquals(dropLabels(splitOf(9), 0.9).labeled.count, 1);
  for (const fraction of [0.99, 1, -0.1, NaN]) {
    assertThrows(
      () => dropLabels(splitOf(9), fraction),
      UserError,
      `leaves some of 9 images theirs but found ${fraction}`,
    );
  }
});
