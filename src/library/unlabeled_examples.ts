// The labeled and the unlabeled images of a training in memory.

import { splitFromArrays } from "../data/arrays.ts";
import {
  checkSplit,
  imageBytes,
  type ImageShape,
  type Split,
} from "../data/dataset.ts";
import { dropLabels, type UnlabeledImages } from "../data/drop_labels.ts";
import type { FitOptions } from "./fit_options.ts";

/** The images of a training. */
export interface TrainingExamples {
  readonly labeled: Split;
  /** Null where training uses none. */
  readonly unlabeled: UnlabeledImages | null;
}

/**
 * Drops the labels of a part of the examples, or takes the unlabeled images given.
 *
 * @throws {TypeError} if images given have not the size of the examples.
 */
export function trainingExamples(
  split: Split,
  { unlabeled, shape }: {
    readonly unlabeled: FitOptions["unlabeled"];
    readonly shape: ImageShape;
  },
): TrainingExamples {
  if (!unlabeled) return { labeled: split, unlabeled: null };
  if ("fraction" in unlabeled) {
    return dropLabels(split, unlabeled.fraction);
  }
  const { images } = unlabeled;
  // A split has labels; these are not read.
  const labels = new Uint8Array(Math.ceil(images.length / imageBytes(shape)));
  const what = "the images without labels";
  const pixels = shape.height * shape.width;
  const layout = "interleaved" as const;
  const given = splitFromArrays({ images, labels }, {
    what,
    pixels,
    classes: 1,
    layout,
  });
  checkSplit(given, { what, shape, classes: 1 });
  return {
    labeled: split,
    unlabeled: { images: given.images, count: given.count },
  };
}
