// What an experiment reads beside its data set: how much of it there is, which is asked
// before anything runs, and the images and rows themselves.

import { countText } from "../base/amounts.ts";
import { extraIn } from "../config/added_data.ts";
import { UserError } from "../base/errors.ts";
import { type Dataset, sha256 } from "../data/dataset.ts";
import type {
  AddedExtent,
  DatasetExtent,
  DatasetSource,
} from "../data/dataset_kind.ts";
import { listImageFolder } from "../data/image_folder.ts";
import { extentOf } from "../data/load_dataset.ts";
import { listPlainFolder } from "../data/plain_folder.ts";
import type { Experiment } from "../config/experiment.ts";
import { isTensorPath, readTensor } from "../weights/tensor_file.ts";
import { kindOf, labeledImages, plainImages } from "./image_source.ts";
import type { AddedData, TeacherFeatures } from "./session_images.ts";

/**
 * The extent of an experiment's data set, and of what it adds.
 *
 * @throws {UserError} if a file or folder is not there, or not what it has to be.
 */
export async function experimentExtent(
  experiment: Pick<Experiment, "data" | "unlabeled" | "teacherFeatures">,
  source: Pick<DatasetSource, "folder">,
): Promise<DatasetExtent> {
  const extent = await extentOf(experiment.data, source);
  const { data: { extra }, unlabeled, teacherFeatures } = experiment;
  const { from } = unlabeled ?? {};
  if (!extra && from === undefined && !teacherFeatures) return extent;
  const added: AddedExtent = {
    extra: extra ? await countIn(extra.from, { labeled: true }) : 0,
    unlabeled: from === undefined ? 0 : await countIn(from, { labeled: false }),
    features: teacherFeatures
      ? (await readFeatures(teacherFeatures.from, extent.train)).width
      : 0,
  };
  return { ...extent, added };
}

/** The extent of a data set and of what is added, once both are read. */
export function extentIn(
  { dataset: { shape, classNames, train, test }, added }: {
    readonly dataset: Dataset;
    readonly added: AddedData;
  },
): DatasetExtent {
  const { extra, unlabeled, features } = added;
  return {
    shape,
    classes: classNames.length,
    train: train.count,
    test: test.count,
    added: {
      extra: extra?.count ?? 0,
      unlabeled: unlabeled?.count ?? 0,
      features: features?.width ?? 0,
    },
  };
}

/** What is added and how it is used, a sentence each. */
export function addedNotes(
  experiment: Pick<
    Experiment,
    "data" | "unlabeled" | "teacherFeatures" | "batchSize"
  >,
  { added }: Pick<DatasetExtent, "added">,
): string[] {
  const { data: { extra }, unlabeled, teacherFeatures, batchSize } = experiment;
  if (!added) return [];
  const own = extra ? extraIn(batchSize, extra.share) : 0;
  return [
    ...extra
      ? [
        `${own} of the ${batchSize} images of each batch are of the ` +
        `${
          countText(added.extra)
        } extra ones of ${extra.from}; an epoch has as many ` +
        "steps as without, and visits the rest of each batch of the training set.",
      ]
      : [],
    ...unlabeled?.from !== undefined
      ? [
        `${unlabeled.batchSize} of the ${countText(added.unlabeled)} images ` +
        `without labels of ${unlabeled.from} join each batch of ${batchSize}; ` +
        "terms that need no labels alone see them.",
      ]
      : [],
    ...teacherFeatures
      ? [
        `The teacher's features, ${added.features} of each image, are those of ` +
        `${teacherFeatures.from}; crops and mirroring do not change them.`,
      ]
      : [],
  ];
}

/** The number of images of a source. */
async function countIn(
  from: string,
  { labeled }: { readonly labeled: boolean },
): Promise<number> {
  if (isTensorPath(from)) {
    return (await readTensor(from, "images")).shape[0] ?? 0;
  }
  const known = kindOf(from);
  if (known) return (await known.extent(known.named, {})).train;
  const { train, test } = labeled
    ? await listImageFolder(from)
    : await listPlainFolder(from);
  return train.length + test.length;
}

/**
 * Reads what an experiment adds to its data set.
 *
 * @throws {UserError} naming the file that is missing or does not fit.
 */
export async function loadAdded(
  experiment: Pick<Experiment, "data" | "unlabeled" | "teacherFeatures">,
  { dataset, onProgress }:
    & { readonly dataset: Dataset }
    & Pick<DatasetSource, "onProgress">,
): Promise<AddedData> {
  const { data, unlabeled, teacherFeatures } = experiment;
  const more = { dataset, ...onProgress && { onProgress } };
  const extra = data.extra
    ? await labeledImages({ ...data.extra, ...more })
    : null;
  const from = unlabeled?.from;
  const plain = from === undefined
    ? null
    : await plainImages({ from, ...more });
  const features = teacherFeatures
    ? await readFeatures(teacherFeatures.from, dataset.train.count)
    : null;
  const hashes: Record<string, string> = {};
  if (extra) {
    const labels = await sha256(Uint8Array.from(extra.labels));
    hashes["extra images"] = `${await sha256(extra.images)} ${labels}`;
  }
  if (plain) hashes["images without labels"] = await sha256(plain.images);
  if (features) {
    const bytes = new Uint8Array(features.rows.buffer);
    hashes["teacher's features"] = await sha256(bytes);
  }
  return { extra, unlabeled: plain, features, hashes };
}

/** Types of features; those of safetensors are not told. */
const FEATURE_TYPES: readonly (string | null)[] = ["F16", "F32", "F64", null];

/**
 * Reads a teacher's features: a finite row for each of so many training images.
 *
 * @throws {UserError} if the file has other rows, other types, or numbers without end.
 */
export async function readFeatures(
  path: string,
  images: number,
): Promise<TeacherFeatures> {
  const { shape, type, floats } = await readTensor(path, "features");
  const refuse = (expected: string, found: string): never => {
    throw new UserError(
      `Cannot use the features of ${path}: expected ${expected} but found ` +
        found,
    );
  };
  const [count, width = 0] = shape;
  if (shape.length !== 2 || width < 1) {
    refuse("an array (images, numbers)", `(${shape.join(", ")})`);
  }
  if (count !== images) {
    refuse(`a row for each of the ${images} training images`, `${count}`);
  }
  if (!FEATURE_TYPES.includes(type)) {
    refuse("numbers in floating point (<f2, <f4, <f8)", String(type));
  }
  const rows = floats();
  const wrong = rows.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    refuse(
      "finite numbers",
      `${rows[wrong]} in the row of image ${Math.floor(wrong / width)}`,
    );
  }
  return { rows, width };
}
