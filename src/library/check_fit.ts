// The options of training in memory that its hyperparameters do not hold, by the fields of
// experiments.

import { checked } from "../base/check_fields.ts";
import { nullable } from "../base/fields.ts";
import { checkBatches, type TrainingCounts } from "../config/check_batches.ts";
import {
  UNLABELED_NUMBERS,
  WEIGHT_PERTURBATION,
} from "../config/experiment_fields.ts";
import type { FitOptions } from "./fit_options.ts";

const PERTURBED = {
  method: "this training",
  fields: { weightPerturbation: nullable(WEIGHT_PERTURBATION) },
} as const;

const UNLABELED = {
  method: "images without labels",
  fields: UNLABELED_NUMBERS,
} as const;

/**
 * Refuses numbers out of their range. Without a `batchSize`, a batch may hold all images.
 *
 * @throws {TypeError} if there is no teacher to start from a file.
 * @throws {RangeError} for a number that no training can run with.
 * @throws {UserError} for batches with more images than there are.
 */
export function checkFit(
  options: FitOptions,
  counts: TrainingCounts,
): void {
  const { weightPerturbation = null, unlabeled, batchSize = 0 } = options;
  const { teacher, pretrained } = options;
  if (pretrained && !teacher) {
    throw new TypeError(
      `Cannot fit: expected a teacher for ${pretrained.from} but found none`,
    );
  }
  checked(PERTURBED, { weightPerturbation });
  if (unlabeled) checked(UNLABELED, unlabeled);
  const size = unlabeled?.batchSize;
  checkBatches({
    batchSize,
    ...size === undefined ? {} : { unlabeled: { batchSize: size } },
  }, counts);
}
