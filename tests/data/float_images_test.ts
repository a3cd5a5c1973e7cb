// Bytes to numbers: values, order, ranges.

import { assertEquals } from "@std/assert";
import { floatImages, floatsOf } from "../../src/data/float_images.ts";

const shape = { channels: 3, height: 1, width: 2 } as const;
// Two images of two pixels: all reds, then all greens, then all blues.
const split = {
  images: Uint8Array.of(0, 1, 2, 3, 4, 255, 6, 7, 8, 9, 10, 11),
  labels: Uint8Array.of(0, 1),
  count: 2,
};
const interleaved = [0, 2, 4, 1, 3, 255, 6, 8, 10, 7, 9, 11];

Deno.test("floatImages() gives pixel after pixel, each byte divided by 255", () => {
  assertEquals(
    floatImages(split, shape),
    Float32Array.from(interleaved, (byte) => byte / 255),
  );
});

Deno.test("floatsOf() takes a range of a split, of bytes and of numbers", () => {
  const range = { shape, start: 1, end: 2 };
  const expected = floatImages(split, shape).subarray(6);
  const { labels } = split;
  const bytes = Uint8Array.from(interleaved);
  const numbers = floatImages(split, shape);
  assertEquals(floatsOf(split, range), Float32Array.from(expected));
  for (const images of [bytes, new Uint8ClampedArray(bytes), numbers]) {
    assertEquals(
      floatsOf({ images, labels }, range),
      Float32Array.from(expected),
    );
  }
});

Deno.test("floatsOf() copies numbers", () => {
  const images = new Float32Array(6);
  const copy = floatsOf({ images, labels: [0] }, { shape, start: 0, end: 1 });
  copy[0] = 1;
  assertEquals(images[0], 0);
});
