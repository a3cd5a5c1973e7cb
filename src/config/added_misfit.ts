// What an experiment cannot read beside its data set: batches without images of both
// sources, and a teacher's features where there is a teacher, or where images have no row.

import type { Mismatch } from "../base/fields.ts";
import { extraIn } from "./added_data.ts";
import type { Experiment } from "./experiment.ts";

/** A mismatch between what is read beside the data set and what would use it. */
export function addedMisfit(experiment: Experiment): Mismatch | null {
  const { data: { extra }, unlabeled, teacherFeatures } = experiment;
  if (extra) {
    const own = extraIn(experiment.batchSize, extra.share);
    if (own < 1 || own >= experiment.batchSize) {
      const expected = "so that a batch has images of both sources";
      const found = `${own} of ${experiment.batchSize}`;
      return { path: "data.extra.share", expected, found };
    }
  }
  if (!teacherFeatures) return null;
  const absent = (path: string, found: string, why: string): Mismatch => ({
    path,
    expected: `absent with teacherFeatures, ${why}`,
    found,
  });
  if (experiment.teacher) {
    const { network } = experiment.teacher;
    const why = "which take the teacher's place";
    return {
      path: "teacher",
      expected: `null with them, ${why}`,
      found: network,
    };
  }
  const why = "which have rows for the training images alone";
  if (extra) return absent("data.extra", extra.from, why);
  return unlabeled?.from === undefined
    ? null
    : absent("unlabeled.from", unlabeled.from, why);
}
