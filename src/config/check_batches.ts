// Whether there are images enough for the batches of an experiment. How many there are,
// only the data set says, so that no field can bound these numbers.

import { UserError } from "../base/errors.ts";
import { extraIn } from "./added_data.ts";
import type { Experiment } from "./experiment.ts";

/** The numbers of images to train on. */
export interface TrainingCounts {
  /** With labels, without those held out. */
  readonly count: number;
  /** Without labels. */
  readonly unlabeled: number;
  /** Extra ones with labels; none if left out. */
  readonly extra?: number;
}

/**
 * Refuses batches with more images than there are.
 *
 * @throws {UserError} naming the number.
 */
export function checkBatches(
  { batchSize, unlabeled, data }: Pick<Experiment, "batchSize"> & {
    readonly unlabeled?: { readonly batchSize: number };
    readonly data?: Pick<Experiment["data"], "extra">;
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
  const { extra } = data ?? {};
  const own = extra ? extraIn(batchSize, extra.share) : 0;
  if (own > (counts.extra ?? 0)) {
    const images = `${counts.extra ?? 0} extra images`;
    refuse("data.extra.share of a batch", { images, found: own });
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
