// Whether the images of a split can be cut into the batches of an experiment. How many
// images there are, only the data set says, so that no field can bound these numbers.

import { UserError } from "../base/errors.ts";
import type { Experiment } from "./experiment.ts";

/** The numbers of images to train on. */
export interface TrainingCounts {
  /** With labels, without those held out. */
  readonly count: number;
  /** Without labels. */
  readonly unlabeled: number;
}

/**
 * Refuses batches larger than what they are cut from, and a last batch of one image
 * where a regularizer compares the images of a batch.
 *
 * @throws {UserError} naming the number.
 */
export function checkBatches(
  { batchSize, unlabeled, regularizers }: Pick<
    Experiment,
    "batchSize" | "unlabeled" | "regularizers"
  >,
  counts: TrainingCounts,
): void {
  checkBatchSize(batchSize, { of: counts.count });
  if (unlabeled) {
    const { batchSize: size } = unlabeled;
    const of = counts.unlabeled;
    checkBatchSize(size, { of, path: "unlabeled.batchSize" });
  }
  const [compared] = regularizers;
  if (counts.count % batchSize !== 1 || !compared) return;
  throw new UserError(
    `Cannot train: expected at least 2 images in each batch, which ${compared.method} ` +
      `compares, but found 1 in the last: ${counts.count} images in batches ` +
      `of ${batchSize}; choose another batchSize`,
  );
}

/**
 * Refuses a batch with more images than there are.
 *
 * @throws {UserError} naming `path`, "batchSize" if left out.
 */
export function checkBatchSize(
  size: number,
  { of, path = "batchSize" }: { readonly of: number; readonly path?: string },
): void {
  if (size <= of) return;
  const images = path === "batchSize"
    ? "images to train on"
    : "unlabeled images";
  throw new UserError(
    `Cannot train: expected ${path} to be at most the ${of} ${images} but ` +
      `found ${size}`,
  );
}
