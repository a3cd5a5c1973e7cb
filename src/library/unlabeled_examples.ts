// The labeled and the unlabeled images of a training in memory.

import { checkSplit, type ImageShape } from "../data/dataset.ts";
import { dropLabels, type UnlabeledImages } from "../data/drop_labels.ts";
import type { TrainingSplit } from "../data/float_images.ts";
import type { FitOptions } from "./fit_options.ts";
import { countOf, splitOf } from "./training_split.ts";

/** The images of a training. */
export interface SeparatedExamples {
  readonly labeled: TrainingSplit;
  /** Null where training uses none. */
  readonly unlabeled: UnlabeledImages | null;
}

/**
 * Drops the labels of a part of the examples, or takes the unlabeled images given.
 *
 * @throws {TypeError} if images given have not the size of the examples, or are numbers
 * where those are bytes or the other way round.
 */
export function separatedExamples(
  split: TrainingSplit,
  { unlabeled, shape }: {
    readonly unlabeled: FitOptions["unlabeled"];
    readonly shape: ImageShape;
  },
): SeparatedExamples {
  if (!unlabeled) return { labeled: split, unlabeled: null };
  if ("fraction" in unlabeled) {
    return dropLabels(split, unlabeled.fraction);
  }
  const { images } = unlabeled;
  // A split has labels; these are not read.
  const labels = new Uint8Array(countOf(images, shape));
  const what = "the images without labels";
  const expected = { what, shape, classes: 1 };
  const given = splitOf({ images, labels }, expected);
  checkSplit(given, expected);
  const [own, others] = [split, given].map(({ images }) =>
    images instanceof Float32Array ? "numbers" : "bytes"
  );
  if (own !== others) {
    throw new TypeError(
      `Cannot use ${what}: expected ${own}, as the training images are, but ` +
        `found ${others}`,
    );
  }
  return {
    labeled: split,
    unlabeled: { images: given.images, count: given.count },
  };
}
