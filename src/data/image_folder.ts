// A plain folder of class folders, as torchvision's ImageFolder reads it: a folder
// `train` and one of `test` and `val`, each with a folder of PNG or JPEG images per
// class, whose sorted names are the classes. A folder of class folders alone is
// one set, of which an eighth becomes the test images.
//
// ImageFolder passes over files that it does not know. Here they are an error: an
// image that is silently not trained on is a mistake that nobody finds.

import type { Dataset } from "./dataset.ts";
import { fileInfo } from "../base/disk.ts";
import {
  contentsOf,
  type ImageListing,
  interleaved,
  isImageName,
  type LabeledFile,
  withoutTest,
} from "./image_listing.ts";
import { type ImageLoading, loadImages } from "./load_images.ts";

/** What this set is called in errors and reports. */
const TITLE = "Image folder";

/** Where test images may be, in the order in which they are looked for. */
const TEST_FOLDERS = ["test", "val"] as const;

/**
 * The images of a folder: `train/<class>/…` and `test/<class>/…` (or `val`), or
 * `<class>/…` alone. The first time they are decoded, later read from a cache.
 *
 * @throws {Error} naming the folder or file that is missing, empty, no image, of a
 * class that the other split does not have, or of another size.
 */
export async function loadImageFolder(
  folder: string,
  options: ImageLoading,
): Promise<Dataset> {
  return await loadImages(await listImageFolder(folder), options);
}

/**
 * Lists the images of a folder.
 *
 * @throws {Error} naming the folder or file that is missing, empty, no image or of
 * a class that the other split does not have.
 */
export async function listImageFolder(folder: string): Promise<ImageListing> {
  if (!(await fileInfo(folder))?.isDirectory) {
    throw refusal(`a folder of class folders at ${folder}`, "none");
  }
  const { folders } = await contentsOf(folder);
  const split = folders.includes("train");
  const train = await listClasses(split ? `${folder}/train` : folder);
  const { classNames } = train;
  const found = { name: "folder", title: TITLE, folder, classNames };
  const test = TEST_FOLDERS.find((name) => split && folders.includes(name));
  if (test === undefined) {
    return { ...found, ...withoutTest(train.files, TITLE) };
  }
  const other = await listClasses(`${folder}/${test}`);
  checkClasses(train, other);
  const unused = TEST_FOLDERS.filter((name) =>
    name !== test && folders.includes(name)
  );
  const notes = unused.map((name) =>
    `The images of ${folder}/${name} are not used.`
  );
  return { ...found, train: train.files, test: other.files, notes };
}

/** The classes of one folder and their images. */
interface Classes {
  readonly folder: string;
  readonly classNames: readonly string[];
  readonly files: readonly LabeledFile[];
}

async function listClasses(folder: string): Promise<Classes> {
  const { folders, files } = await contentsOf(folder);
  const stray = files.find(isImageName);
  if (stray !== undefined) {
    throw refusal(
      "every image in the folder of its class",
      `${folder}/${stray}`,
    );
  }
  if (folders.length < 2) {
    throw refusal(
      `the folders of at least 2 classes in ${folder}`,
      folders.length === 1 ? `${folders[0]} alone` : "none",
    );
  }
  const classes: string[][] = [];
  for (const name of folders) {
    const images = await imagesBelow(`${folder}/${name}`);
    if (images.length === 0) {
      throw refusal(`images of every class`, `none in ${folder}/${name}`);
    }
    classes.push(images);
  }
  return { folder, classNames: folders, files: interleaved(classes) };
}

/** Every image in a folder and in the folders in it. */
async function imagesBelow(folder: string): Promise<string[]> {
  const { folders, files } = await contentsOf(folder);
  const other = files.find((name) => !isImageName(name));
  if (other !== undefined) {
    throw refusal(
      "only PNG and JPEG images (.png, .jpg, .jpeg) in class folders",
      `${folder}/${other}`,
    );
  }
  const images = files.map((name) => `${folder}/${name}`);
  for (const name of folders) {
    images.push(...await imagesBelow(`${folder}/${name}`));
  }
  return images;
}

/** Refuses test images of other classes than the training images'. */
function checkClasses(train: Classes, test: Classes): void {
  const lacking = (one: Classes, other: Classes): void => {
    const name = other.classNames.find((name) =>
      !one.classNames.includes(name)
    );
    if (name === undefined) return;
    throw refusal(
      `the same classes in ${train.folder} and ${test.folder}`,
      `${name} in ${other.folder} alone`,
    );
  };
  lacking(train, test);
  lacking(test, train);
}

function refusal(expected: string, found: string): Error {
  return new Error(
    `Cannot load an image folder: expected ${expected} but found ${found}`,
  );
}
