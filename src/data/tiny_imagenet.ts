// Tiny ImageNet: 200 classes of ImageNet (Deng et al., 2009) in 64 x 64 pixels, from
// the official folder: 500 training images a class, and 10,000 validation images
// that papers test on, since the labels of its test images were never published.
//
// A class's index is the place of its WordNet id among the sorted ids, as in the
// loaders that papers use. Validation images all stand in one folder, and only
// `val_annotations.txt` says what they show.

import type { Dataset } from "./dataset.ts";
import { UserError } from "../base/errors.ts";
import { fileInfo } from "../base/disk.ts";
import {
  contentsOf,
  type ImageListing,
  interleaved,
  isImageName,
  type LabeledFile,
} from "./image_listing.ts";
import { type ImageLoading, loadImages } from "./load_images.ts";
import { sortedNames } from "./sort_names.ts";

const FOLDER = "tiny-imagenet-200";
const TITLE = "Tiny ImageNet";
const TRAINING_IMAGES = 100_000;
const TEST_IMAGES = 10_000;

/**
 * Tiny ImageNet from `folder`: the official "tiny-imagenet-200" or the folder that
 * holds it. Papers resize it to 32. The first time its images are decoded, which
 * takes a minute, later read from a cache.
 *
 * @throws {UserError} naming the file that is missing, unexpected, malformed or cut off.
 */
export async function loadTinyImageNet(
  folder: string,
  options: ImageLoading,
): Promise<Dataset> {
  return await loadImages(await listTinyImageNet(folder), options);
}

/**
 * Lists the images of `folder`: the official "tiny-imagenet-200" or the folder that
 * holds it.
 *
 * @throws {UserError} naming the file that is missing, unexpected or malformed.
 */
export async function listTinyImageNet(folder: string): Promise<ImageListing> {
  const root = await findFolder(folder);
  const ids = await readIds(root);
  const train = await listTraining(root, ids);
  const test = await listValidation(root, ids);
  return {
    name: "tiny-imagenet",
    title: TITLE,
    folder: root,
    classNames: await readNames(root, ids),
    train,
    test,
    notes: [
      ...sizeNotes("training", train.length, TRAINING_IMAGES),
      ...sizeNotes("test", test.length, TEST_IMAGES),
    ],
  };
}

async function findFolder(path: string): Promise<string> {
  for (const folder of [path, `${path}/${FOLDER}`]) {
    if ((await fileInfo(`${folder}/wnids.txt`))?.isFile) return folder;
  }
  const at = await fileInfo(path);
  const found = at === undefined
    ? "no such folder"
    : !at.isDirectory
    ? "a file; the archive must be unpacked first"
    : await fileInfo(`${path}/${FOLDER}.zip`)
    ? `${FOLDER}.zip, which must be unpacked first`
    : "neither";
  throw refusal(`wnids.txt in ${path} or in its folder ${FOLDER}`, found);
}

/** The classes' WordNet ids in the order of their indices. */
async function readIds(root: string): Promise<readonly string[]> {
  const path = `${root}/wnids.txt`;
  const ids = sortedNames(await readLines(path));
  if (ids.length < 2) {
    throw refusal(`at least 2 WordNet ids in ${path}`, String(ids.length));
  }
  for (const [i, id] of ids.entries()) {
    if (!/^n\d+$/.test(id)) throw refusal(`WordNet ids in ${path}`, id);
    if (id === ids[i - 1]) throw refusal(`each id once in ${path}`, id);
  }
  return ids;
}

/** Every `train/<id>/images/*.JPEG`. */
async function listTraining(
  root: string,
  ids: readonly string[],
): Promise<LabeledFile[]> {
  const train = `${root}/train`;
  await needFolder(train);
  const { folders } = await contentsOf(train);
  const other = folders.find((name) => !ids.includes(name));
  if (other !== undefined) {
    throw refusal(`only classes of wnids.txt in ${train}`, other);
  }
  const classes: string[][] = [];
  for (const id of ids) classes.push(await imagesIn(`${train}/${id}/images`));
  return interleaved(classes);
}

/** Every `val/images/*.JPEG`, labeled by its line of the annotations. */
async function listValidation(
  root: string,
  ids: readonly string[],
): Promise<LabeledFile[]> {
  const labels = await readAnnotations(`${root}/val/val_annotations.txt`, ids);
  const images = `${root}/val/images`;
  const present = new Set(await imagesIn(images));
  const files = [...labels].map(([name, label]): LabeledFile => {
    const path = `${images}/${name}`;
    if (present.delete(path)) return { path, label };
    throw refusal(`the annotated image ${path}`, "no such file");
  });
  const [unlabeled] = present;
  if (unlabeled !== undefined) {
    throw refusal(
      "a line of val_annotations.txt for each image",
      `none for ${unlabeled}`,
    );
  }
  return files;
}

/** Class indices by the images' names: name, id and a box, between tabs. */
async function readAnnotations(
  path: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (!(await fileInfo(path))?.isFile) {
    throw refusal(
      `the labels of the validation images in ${path}`,
      "no such file; where the images were sorted into class folders, use " +
        "the data set folder instead",
    );
  }
  const labels = new Map<string, number>();
  for (const [i, line] of (await readLines(path)).entries()) {
    const [name, id] = line.split("\t");
    const label = ids.indexOf(id ?? "");
    if (!name || !isImageName(name) || label < 0) {
      throw refusal(
        `an image and its class of wnids.txt in line ${i + 1} of ${path}`,
        `"${line}"`,
      );
    }
    if (labels.has(name)) throw refusal(`each image once in ${path}`, name);
    labels.set(name, label);
  }
  return labels;
}

/** The images directly in a folder. */
async function imagesIn(folder: string): Promise<string[]> {
  await needFolder(folder);
  const { files } = await contentsOf(folder);
  const other = files.find((name) => !isImageName(name));
  if (other !== undefined) {
    throw refusal(`only images in ${folder}`, other);
  }
  if (files.length === 0) throw refusal(`images in ${folder}`, "none");
  return files.map((name) => `${folder}/${name}`);
}

/** The first name of each class in `words.txt`; its id where there is none. */
async function readNames(
  root: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const path = `${root}/words.txt`;
  if (!(await fileInfo(path))?.isFile) return ids;
  const names = new Map(
    (await readLines(path)).map((line): [string, string] => {
      const [id = "", words = ""] = line.split("\t");
      return [id, words.split(",")[0]!.trim()];
    }),
  );
  return ids.map((id) => names.get(id) || id);
}

async function needFolder(path: string): Promise<void> {
  if (!(await fileInfo(path))?.isDirectory) {
    throw refusal(`the folder ${path}`, "none");
  }
}

async function readLines(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path);
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** A note on a set that is not the official one; empty if it may be. */
function sizeNotes(what: string, found: number, official: number): string[] {
  if (found === official) return [];
  const [is, expected] = [found, official].map((n) =>
    n.toLocaleString("en-US")
  );
  return [
    `There are ${is} ${what} images instead of the official ${expected}.`,
  ];
}

function refusal(expected: string, found: string): UserError {
  return new UserError(
    `Cannot load ${TITLE}: expected ${expected} but found ${found}`,
  );
}
