// Whether there are images enough for the batches of an experiment. How many there are,
// only the data set says, so that no field can bound these numbers.

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
 * Refuses batches with more images than there are.
 *
 * @throws {UserError} naming the number.
 */
export function checkBatches(
  { batchSize, unlabeled }: Pick<Experiment, "batchSize"> & {
    readonly unlabeled?: { readonly batchSize: number };
  },
  counts: TrainingCounts,
): void {
  const size = unlabeled?.batchSize ?? 0;
  if (batchSize > counts.count) {
    const images = `${counts.count} images to train on`;
    refuse("batchSize", { images, found: batchSize });
  }
  if (size > counts.unlabeled) {
    const images = `${counts.unlabeled} images without labels`;
    refuse("unlabeled.batchSize", { images, found: size });
  }
}

function refuse(
  path: string,
  { images, found }: { readonly images: string; readonly found: number },
): never {
  throw new UserError(
    `Cannot train: expected ${path} to be at most the ${images} but found ` +
      found,
  );
}
