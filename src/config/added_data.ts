// What training reads beside its data set: extra images with labels, images without, and a
// teacher's features. Only their places are here; the files are read by the trainer.

import { number, object, optional, text } from "../base/fields.ts";
import type { Field } from "../base/fields.ts";

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
