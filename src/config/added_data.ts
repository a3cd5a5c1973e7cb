// What training reads beside its data set: extra images with labels, images without, and a
// teacher's features. Only their places are here; the files are read by the trainer.

import type { Mismatch } from "../base/fields.ts";
import { number, object, optional, text } from "../base/fields.ts";
import type { Field } from "../base/fields.ts";
import type { Experiment } from "./experiment.ts";

/** Extra images with (pseudo-)labels, which take a share of each batch. */
export interface ExtraConfig {
  /**
   * A folder of class folders, a .npy or safetensors file of images (N, H, W, C) or
   * (N, C, H, W) in bytes, or a data set's name.
   */
  readonly from: string;
  /** The .npy file of their labels, where images are in one; else left out. */
  readonly labels?: string;
  /** Their part of each batch, above 0 and below 1. */
  readonly share: number;
}

/** A teacher's features, computed before. */
export interface TeacherFeaturesConfig {
  /**
   * A .npy or safetensors file of (N, D): a row for each training image, in the order of
   * the data set's files, those to be held out included.
   */
  readonly from: string;
}

/** The field of an {@linkcode ExtraConfig}. */
export const EXTRA: Field = object<ExtraConfig>({
  from: text({ about: "a folder, a .npy or safetensors file, or a data set" }),
  labels: optional(text(), { about: "the .npy file of their labels" }),
  share: number({ above: 0, below: 1, about: "their part of each batch" }),
});

/** The field of a {@linkcode TeacherFeaturesConfig}. */
export const TEACHER_FEATURES: Field = object<TeacherFeaturesConfig>({
  from: text({ about: "a .npy or safetensors file, a row an image" }),
});

/** The number of extra images in a batch. */
export function extraIn(batch: number, share: number): number {
  return Math.round(share * batch);
}

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
