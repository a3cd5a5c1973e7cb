// Images as numbers from 0 to 1, as attacks return them and networks take them. Data sets
// hold bytes, planar within an image; the conversion on the host gives the same values as
// the device's.

import { imageBytes, type ImageShape, type Split } from "./dataset.ts";

/**
 * Images as plain arrays, pixel after pixel as in canvases and most image
 * libraries, and their classes. The bytes of a {@linkcode Split} are in another
 * order: it is passed on as it is, never taken apart.
 */
export interface LabeledImages {
  /** (count, height, width, C): bytes, or numbers from 0 to 1. */
  readonly images: Uint8Array | Uint8ClampedArray | Float32Array;
  /** (count), each a class index. */
  readonly labels: ArrayLike<number>;
}

/**
 * Images in an order of training: a {@linkcode Split}, or one with numbers in place of
 * bytes, or with soft targets besides.
 */
export interface TrainingSplit extends Omit<Split, "images"> {
  /** (count, channels, height, width): bytes, or numbers from 0 to 1. */
  readonly images: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  /** (count, classes): the probability of each class, whose likeliest is the label. */
  readonly targets?: Float32Array<ArrayBuffer>;
  /** (count, D): a teacher's features of each image, computed before. */
  readonly features?: Float32Array<ArrayBuffer>;
}

/** Whether images are a data set's, in its planar order. */
export function isSplit(examples: LabeledImages | Split): examples is Split {
  return "count" in examples;
}

/** The images of a split as numbers, (count, height, width, C): byte / 255. */
export function floatImages(
  split: Split,
  shape: ImageShape,
): Float32Array<ArrayBuffer> {
  return floatsOf(split, { shape, start: 0, end: split.count });
}

/** The images from `start` up to, not including, `end` as numbers. */
export function floatsOf(
  examples: LabeledImages | Split,
  { shape, start, end }: {
    readonly shape: ImageShape;
    readonly start: number;
    readonly end: number;
  },
): Float32Array<ArrayBuffer> {
  const size = imageBytes(shape);
  const images = examples.images.subarray(start * size, end * size);
  if (images instanceof Float32Array) return Float32Array.from(images);
  if (!isSplit(examples)) {
    return Float32Array.from(images, (byte) => byte / 255);
  }
  const values = new Float32Array(images.length);
  const pixels = size / shape.channels;
  let written = 0;
  for (let image = 0; image < images.length; image += size) {
    for (let pixel = image; pixel < image + pixels; pixel++) {
      for (let channel = 0; channel < shape.channels; channel++) {
        values[written++] = images[pixel + channel * pixels]! / 255;
      }
    }
  }
  return values;
}

/**
 * Checks that images are numbers in [0, 1].
 *
 * @param images What to call them, and the shape of one.
 * @throws {RangeError} naming the first number that is not.
 */
export function checkUnitRange(
  values: Float32Array,
  images: { readonly what: string; readonly shape: ImageShape },
): void {
  const wrong = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (wrong < 0) return;
  const image = Math.floor(wrong / imageBytes(images.shape));
  throw new RangeError(
    `Cannot use ${images.what}: expected numbers from 0 to 1 but ` +
      `found ${values[wrong]} at image ${image}`,
  );
}
