// Arrays as a split of a data set, for training: bytes stay bytes and numbers stay
// numbers, each in a copy whose channels are planes.

import { planar, splitFromArrays } from "../data/arrays.ts";
import {
  checkSplit,
  imageBytes,
  type ImageShape,
  newLabels,
  type Split,
} from "../data/dataset.ts";
import {
  checkUnitRange,
  isSplit,
  type LabeledImages,
  type TrainingSplit,
} from "../data/float_images.ts";

/** Images as in {@linkcode LabeledImages}, of which each may be of several classes. */
export interface SoftLabeledImages {
  /** (count, height, width, C): bytes, or numbers from 0 to 1. */
  readonly images: LabeledImages["images"];
  /** (count, classes): the probability of each class, as mixup and distillation have. */
  readonly targets: Float32Array;
}

/** The images of a network. */
interface NetworkImages {
  readonly shape: ImageShape;
  readonly classes: number;
}

/**
 * Checks the examples, and returns them as a split.
 *
 * @throws {TypeError} if images or targets are of another size.
 * @throws {RangeError} if a label is no class, a number of an image is outside of
 * [0, 1], or targets are no probabilities.
 */
export function trainingSplit(
  examples: LabeledImages | SoftLabeledImages | Split,
  network: NetworkImages,
): TrainingSplit {
  const { shape, classes } = network;
  const what = "the training images";
  const targets = "targets" in examples
    ? checkedTargets(examples.targets, network)
    : null;
  const labeled = "targets" in examples
    ? { images: examples.images, labels: likeliest(examples.targets, classes) }
    : examples;
  const split = isSplit(labeled)
    ? labeled
    : splitOf(labeled, { what, shape, classes });
  checkSplit(split, { what, shape, classes });
  return targets ? { ...split, targets } : split;
}

/** A copy of arrays in a data set's order. */
export function splitOf(
  { images, labels }: LabeledImages,
  reading: NetworkImages & { readonly what: string },
): TrainingSplit {
  const { what, shape } = reading;
  if (!(images instanceof Float32Array)) {
    const layout = "interleaved";
    return splitFromArrays({ images, labels }, { ...reading, layout });
  }
  checkUnitRange(images, { what, shape });
  const none = new Uint8Array(0);
  const { labels: copied, count } = splitFromArrays(
    { images: none, labels },
    { ...reading, layout: "planar" },
  );
  const into = new Float32Array(images.length);
  return { images: planar(images, { shape, into }), labels: copied, count };
}

/** A copy of targets that are a distribution for each image. */
function checkedTargets(
  targets: Float32Array,
  { classes }: NetworkImages,
): Float32Array<ArrayBuffer> {
  if (targets.length % classes !== 0) {
    throw new TypeError(
      `Cannot use the targets: expected ${classes} numbers for each image but ` +
        `found ${targets.length} numbers`,
    );
  }
  for (let start = 0; start < targets.length; start += classes) {
    const row = targets.subarray(start, start + classes);
    const total = row.reduce((sum, value) => sum + value, 0);
    if (row.every((value) => value >= 0) && Math.abs(total - 1) < 1e-3) {
      continue;
    }
    throw new RangeError(
      "Cannot use the targets: expected probabilities of sum 1 but found " +
        `${row.join(", ")} at image ${start / classes}`,
    );
  }
  return Float32Array.from(targets);
}

/** The class of the largest target of each image. */
function likeliest(targets: Float32Array, classes: number): ArrayLike<number> {
  return newLabels(targets.length / classes, { classes }).map((_, image) => {
    const row = targets.subarray(image * classes, (image + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

/** The number of images of arrays, a part of one counted as one. */
export function countOf(images: ArrayLike<number>, shape: ImageShape): number {
  return Math.ceil(images.length / imageBytes(shape));
}
