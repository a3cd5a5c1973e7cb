// A plain folder of class folders, as torchvision's ImageFolder reads it: a folder of
// training images and one of test images, each with a folder of PNG or JPEG images per
// class, whose sorted names are the classes. A folder of class folders alone is one
// set, of which an eighth becomes the test images.
//
// ImageFolder ignores files of unknown types. Here they are counted and named, since an
// image that is silently left out would not be noticed.

import { UserError } from "../base/errors.ts";
import { fileInfo } from "../base/disk.ts";
import { type Dataset, MOST_CLASSES } from "./dataset.ts";
import {
  contentsOf,
  firstNames,
  type ImageListing,
  interleaved,
  isImageName,
  type LabeledFile,
  type Strictness,
  withoutTest,
} from "./image_listing.ts";
import { type ImageLoading, loadImages } from "./load_images.ts";
import { isSplitName, splitFolders } from "./split_folders.ts";

/** The name of this set in errors and reports. */
const TITLE = "Image folder";

/**
 * The images of a folder: `train/<class>/…` and `test/<class>/…` (or `val`, and what
 * else people name them), or `<class>/…` alone. The first time they are decoded, later
 * read from a cache. The notes say which folder became what.
 *
 * @throws {UserError} naming the folder or file that is missing, empty, of a class that
 * the other split does not have, or of another size; if `strict`, also one that is no
 * image.
 */
export async function loadImageFolder(
  folder: string,
  options: ImageLoading,
): Promise<Dataset> {
  return await loadImages(await listImageFolder(folder, options), options);
}

/**
 * Lists the images of a folder.
 *
 * @throws {UserError} naming the folder or file that is missing, empty or of a class
 * that the other split does not have; if `strict`, also one that is no image.
 */
export async function listImageFolder(
  folder: string,
  { strict }: Strictness = {},
): Promise<ImageListing> {
  if (!(await fileInfo(folder))?.isDirectory) {
    throw refusal(`a folder of class folders at ${folder}`, "none");
  }
  const { folders, broken } = await contentsOf(folder);
  checkLinks(folder, broken);
  const { train, test, unused } = splitFolders(folders);
  for (const [what, names] of Object.entries({ training: train, test })) {
    if (names.length <= 1 || train.length === 0) continue;
    throw refusal(
      `one folder of ${what} images in ${folder}`,
      names.join(" and "),
    );
  }
  const strays: string[] = [];
  const own = { name: "folder", title: TITLE, folder };
  const all = await listClasses(
    train.length > 0 ? `${folder}/${train[0]}` : folder,
    { strays, isSplit: train.length > 0 },
  );
  const { classNames } = all;
  if (train.length === 0 || test.length === 0) {
    const listing = { ...own, classNames, ...withoutTest(all.files, TITLE) };
    const left = train.length > 0 ? unused : [];
    return noted(listing, { train, test, unused: left, strays, strict });
  }
  const other = await listClasses(`${folder}/${test[0]}`, {
    strays,
    isSplit: true,
  });
  checkClasses(all, other);
  const files = { train: all.files, test: other.files, notes: [] };
  const listing = { ...own, classNames, ...files };
  return noted(listing, { train, test, unused, strays, strict });
}

/** The listing with notes on what became of folders and files. */
function noted(
  listing: ImageListing,
  { train: [train], test: [test], unused, strays, strict }:
    & ReturnType<typeof splitFolders>
    & Strictness
    & { readonly strays: readonly string[] },
): ImageListing {
  const { folder, classNames } = listing;
  if (strict && strays.length > 0) {
    throw refusal(
      "only PNG and JPEG images (.png, .jpg, .jpeg) in class folders",
      strays[0]!,
    );
  }
  const [training, tested, classes] = [
    listing.train.length,
    listing.test.length,
    classNames.length,
  ].map((count) => count.toLocaleString("en-US"));
  const notes = [
    `${training} training images of ${classes} classes are in ` +
    `${train ?? folder}` + (test ? `, ${tested} test images in ${test}.` : "."),
    ...listing.notes,
  ];
  if (unused.length > 0) {
    const paths = unused.map((name) => `${folder}/${name}`);
    notes.push(`The images of ${firstNames(paths)} are not used.`);
  }
  if (strays.length > 0) {
    const count = strays.length.toLocaleString("en-US");
    notes.push(
      `Files in class folders that are no PNG or JPEG images (.png, .jpg, .jpeg) ` +
        `are left out, ${count} in all: ${firstNames(strays)}.`,
    );
  }
  return { ...listing, notes };
}

/** The classes of one folder and their images. */
interface Classes {
  readonly folder: string;
  readonly classNames: readonly string[];
  readonly files: readonly LabeledFile[];
}

/** Lists class folders, and adds files that are no images to `strays`. */
async function listClasses(
  folder: string,
  { strays, isSplit }: { readonly strays: string[]; readonly isSplit: boolean },
): Promise<Classes> {
  const { folders, files, broken } = await contentsOf(folder);
  checkLinks(folder, broken);
  const stray = files.find(isImageName);
  if (stray !== undefined) {
    throw refusal(
      "every image in the folder of its class",
      `${folder}/${stray}`,
    );
  }
  checkNames(folder, { names: folders, isSplit });
  const classes: string[][] = [];
  const above = [await Deno.realPath(folder)];
  for (const name of folders) {
    const place = `${folder}/${name}`;
    const images = await imagesBelow(place, { strays, above });
    if (images.length === 0) {
      throw refusal(`images of every class`, `none in ${place}`);
    }
    classes.push(images);
  }
  return { folder, classNames: folders, files: interleaved(classes) };
}

/** Refuses numbers of classes that cannot be, and parts of a set in place of classes. */
function checkNames(
  folder: string,
  { names, isSplit }: {
    readonly names: readonly string[];
    /** Whether the folder is itself named as a part of a set. */
    readonly isSplit: boolean;
  },
): void {
  const found = names.length === 1
    ? `${names[0]} alone`
    : names.length || "none";
  if (names.length < 2) {
    throw refusal(`the folders of at least 2 classes in ${folder}`, `${found}`);
  }
  if (names.length > MOST_CLASSES) {
    throw refusal(`at most ${MOST_CLASSES} classes in ${folder}`, `${found}`);
  }
  const [split] = names.filter(isSplitName);
  // Below "train", a class may be called "train": it is one of CIFAR-100's.
  const isClass = isSplit && !names.every(isSplitName);
  if (split !== undefined && !isClass) {
    throw refusal(
      `the folders of classes in ${folder}, or a folder "train" of them beside ` +
        'one named "test" or "val"',
      `${split}, which is no class`,
    );
  }
}

/** Every image in a folder and in the folders in it. */
async function imagesBelow(
  folder: string,
  { strays, above }: {
    readonly strays: string[];
    /** The real paths of the folders around it. */
    readonly above: readonly string[];
  },
): Promise<string[]> {
  const place = await Deno.realPath(folder);
  // A link to a folder around this one would be followed forever.
  if (above.some((inner) => `${inner}/`.startsWith(`${place}/`))) {
    strays.push(folder);
    return [];
  }
  const { folders, files } = await contentsOf(folder);
  const pathOf = (name: string): string => `${folder}/${name}`;
  strays.push(...files.filter((name) => !isImageName(name)).map(pathOf));
  const images = files.filter(isImageName).map(pathOf);
  for (const name of folders) {
    const inside = [...above, place];
    images.push(...await imagesBelow(pathOf(name), { strays, above: inside }));
  }
  return images;
}

/** Refuses what leads nowhere where a folder of images may be meant. */
function checkLinks(folder: string, [broken]: readonly string[]): void {
  if (broken === undefined) return;
  throw refusal(
    `${folder}/${broken} to be a folder or a file`,
    broken.includes("\ufffd")
      ? "a name that is not in UTF-8"
      : "a link that leads nowhere",
  );
}

/** Refuses test images of other classes than the training images'. */
function checkClasses(train: Classes, test: Classes): void {
  const lacking = (one: Classes, other: Classes): void => {
    const known = new Set(one.classNames);
    const name = other.classNames.find((name) => !known.has(name));
    if (name === undefined) return;
    throw refusal(
      `the same classes in ${train.folder} and ${test.folder}`,
      `${name} in ${other.folder} alone`,
    );
  };
  lacking(train, test);
  lacking(test, train);
}

function refusal(expected: string, found: string): UserError {
  return new UserError(
    `Cannot load an image folder: expected ${expected} but found ${found}`,
  );
}
