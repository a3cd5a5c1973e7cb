// The images of a session: a data set's, those that lose their labels, and what is read
// beside them. Extra images stand behind the training set's; a teacher's features keep to
// their rows.

import type { Experiment } from "../config/experiment.ts";
import type { Split } from "../data/dataset.ts";
import { dropLabels, type UnlabeledImages } from "../data/drop_labels.ts";
import type { TrainingSplit } from "../data/float_images.ts";

/** A teacher's features of every training image. */
export interface TeacherFeatures {
  /** (N, width): a row for each image, those held out included. */
  readonly rows: Float32Array<ArrayBuffer>;
  readonly width: number;
}

/** What a run reads beside its data set. */
export interface AddedData {
  /** Extra images with labels. */
  readonly extra?: Split | null;
  /** Images without labels. */
  readonly unlabeled?: UnlabeledImages | null;
  /** A teacher's features. */
  readonly features?: TeacherFeatures | null;
  /** The SHA-256 of each of these by its path, for the record of a run. */
  readonly hashes?: Readonly<Record<string, string>>;
}

/**
 * The images with and without labels, from the first images of the training set.
 *
 * @throws {TypeError} if the images of a source are missing.
 */
export function sessionImages(
  split: Split,
  { experiment, added }: {
    readonly experiment: Pick<
      Experiment,
      "data" | "unlabeled" | "teacherFeatures"
    >;
    readonly added: AddedData;
  },
): {
  readonly labeled: TrainingSplit;
  readonly unlabeled: UnlabeledImages | null;
} {
  const { data, unlabeled, teacherFeatures } = experiment;
  const { features } = added;
  needed(data.extra, { what: "data.extra", found: added.extra });
  needed(teacherFeatures, { what: "teacherFeatures", found: features });
  const all: TrainingSplit = features
    ? {
      ...split,
      features: features.rows.subarray(0, split.count * features.width),
    }
    : split;
  if (!unlabeled) return { labeled: all, unlabeled: null };
  if (unlabeled.fraction !== undefined) {
    return dropLabels(all, unlabeled.fraction);
  }
  needed(unlabeled, { what: "unlabeled.from", found: added.unlabeled });
  return { labeled: all, unlabeled: added.unlabeled! };
}

function needed(
  config: object | undefined,
  { what, found }: { readonly what: string; readonly found: unknown },
): void {
  if (!config || found) return;
  throw new TypeError(
    `Cannot train: expected the images or rows of ${what} but found none`,
  );
}

/** The images of both, one after the other, in bytes. */
export function joined(first: TrainingSplit, second: Split): TrainingSplit {
  const images = new Uint8Array(first.images.length + second.images.length);
  images.set(first.images as Uint8Array);
  images.set(second.images, first.images.length);
  const count = first.count + second.count;
  const labels = first.labels instanceof Uint16Array
    ? new Uint16Array(count)
    : new Uint8Array(count);
  labels.set(first.labels);
  labels.set(second.labels, first.count);
  return { images, labels, count };
}
