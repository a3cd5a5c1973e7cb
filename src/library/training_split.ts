// Arrays as a split of a data set, for training.

import { splitFromArrays } from "../data/arrays.ts";
import { checkSplit, type ImageShape, type Split } from "../data/dataset.ts";
import { isSplit, type LabeledImages } from "../data/float_images.ts";

/**
 * Checks the examples, and returns them as a split.
 *
 * @throws {TypeError} if images are numbers instead of bytes, or of another size.
 * @throws {RangeError} if a label is no class.
 */
export function trainingSplit(
  examples: LabeledImages | Split,
  { shape, classes }: { readonly shape: ImageShape; readonly classes: number },
): Split {
  const what = "the training images";
  const split = isSplit(examples) ? examples : splitFromArrays({
    images: bytesOf(examples.images),
    labels: examples.labels,
  }, {
    what,
    pixels: shape.height * shape.width,
    classes,
    layout: "interleaved",
  });
  checkSplit(split, { what, shape, classes });
  return split;
}

/** The images as bytes in a data set's order. */
function bytesOf(
  images: LabeledImages["images"],
): Uint8Array | Uint8ClampedArray {
  if (!(images instanceof Float32Array)) return images;
  throw new TypeError(
    "Cannot train on images: expected bytes but found 32-bit floats",
  );
}
