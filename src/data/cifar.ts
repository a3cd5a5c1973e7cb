// CIFAR-10 and CIFAR-100 (Krizhevsky, "Learning multiple layers of features
// from tiny images", 2009) from the official binary files: records of one label
// byte (CIFAR-100: coarse, then fine; the fine one is used) and 3,072 pixel
// bytes, plane by plane, with no header anywhere.
//
// Without a header, a wrong file can only be told by its size and its labels,
// so both are checked for every record. Any whole number of records is
// accepted, since subsets are useful; the notes then say that the set is not the
// official one, and every report repeats them.

import { UserError } from "../base/errors.ts";
import { fileInfo, readBytes } from "../base/disk.ts";
import {
  CIFAR10,
  CIFAR100,
  type CifarFormat,
  countImages,
  countRecords,
  findFolder,
  recordBytes,
} from "./cifar_files.ts";
import { type Dataset, holdOut, imageBytes, type Split } from "./dataset.ts";

/**
 * CIFAR-10 from `folder`: the official "cifar-10-batches-bin" or the folder
 * that holds it. Without a test file, the last eighth of the training images
 * becomes the test set.
 *
 * @throws {UserError} when a file is missing, cut off or not of this format
 */
export function loadCifar10(folder: string): Promise<Dataset> {
  return load(CIFAR10, folder);
}

/**
 * CIFAR-100 with its 100 fine labels from `folder`: the official
 * "cifar-100-binary" or the folder that holds it. Without a test file, the last
 * eighth of the training images becomes the test set.
 *
 * @throws {UserError} when a file is missing, cut off or not of this format
 */
export function loadCifar100(folder: string): Promise<Dataset> {
  return load(CIFAR100, folder);
}

async function load(format: CifarFormat, path: string): Promise<Dataset> {
  const { name, title, shape, trainFiles, testFile, namesFile } = format;
  const folder = await findFolder(format, path);
  const classNames = await readNames(format, `${folder}/${namesFile}`);
  const all = await readSplit(format, { folder, files: trainFiles });
  const { train: count, test: held, notes = [] } = await countImages(
    format,
    folder,
  );
  const own = { name, title, classNames, shape, notes };
  if (all.count > count) {
    const { kept, heldOut } = holdOut(all, held);
    return { ...own, train: kept, test: heldOut };
  }
  const test = await readSplit(format, { folder, files: [testFile] });
  return { ...own, train: all, test };
}

/** The images and labels of `files`, one file after the other. */
async function readSplit(
  format: CifarFormat,
  { folder, files }: {
    readonly folder: string;
    readonly files: readonly string[];
  },
): Promise<Split> {
  const header = format.labelRanges.length;
  const size = recordBytes(format), pixels = imageBytes(format.shape);
  const contents: Uint8Array[] = [];
  for (const file of files) {
    contents.push(await readRecords(format, `${folder}/${file}`));
  }
  const bytes = contents.reduce((sum, content) => sum + content.length, 0);
  const count = bytes / size;
  const images = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  let image = 0;
  for (const content of contents) {
    for (let record = 0; record < content.length; record += size, image++) {
      const values = content.subarray(record + header, record + size);
      images.set(values, image * pixels);
      labels[image] = content[record + header - 1]!;
    }
  }
  return { images, labels, count };
}

/** The bytes of a file, once its size and all its labels fit the format. */
async function readRecords(
  format: CifarFormat,
  path: string,
): Promise<Uint8Array> {
  await countRecords(format, path);
  const { title, labelRanges } = format;
  const bytes = await readBytes(path);
  const size = recordBytes(format);
  for (let record = 0; record < bytes.length; record += size) {
    for (const [i, range] of labelRanges.entries()) {
      const label = bytes[record + i]!;
      if (label < range) continue;
      throw new UserError(
        `Cannot load ${title}: expected labels from 0 to ${range - 1} in ` +
          `${path} but found ${label} in record ${record / size}`,
      );
    }
  }
  return bytes;
}

async function readNames(
  format: CifarFormat,
  path: string,
): Promise<readonly string[]> {
  const classes = format.labelRanges.at(-1)!;
  if (await fileInfo(path) === undefined) {
    return format.classNames ??
      Array.from({ length: classes }, (_, i) => `class ${i}`);
  }
  const text = await Deno.readTextFile(path);
  const names = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (names.length !== classes) {
    throw new UserError(
      `Cannot load ${format.title}: expected ${classes} class names in ` +
        `${path} but found ${names.length}`,
    );
  }
  return names;
}
