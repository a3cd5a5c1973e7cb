// The files of CIFAR's binary versions: where they are, and how many images they hold
// by their sizes alone, so that a run is planned for what is there.

import { UserError } from "../base/errors.ts";
import { fileInfo, readBytes } from "../base/disk.ts";
import { imageBytes, type ImageShape } from "./dataset.ts";
import type { DatasetExtent } from "./dataset_kind.ts";
import { sortedNames } from "./sort_names.ts";

/** One of the two sets. */
export interface CifarFormat {
  readonly name: string;
  readonly title: string;
  readonly shape: ImageShape;
  /** The folder in the official archive. */
  readonly folder: string;
  readonly trainFiles: readonly string[];
  readonly testFile: string;
  readonly namesFile: string;
  /** Used where that file is missing; numbers where there are none. */
  readonly classNames?: readonly string[];
  /** The number of values of each label byte; the last one is the class. */
  readonly labelRanges: readonly number[];
  /** What the archives of the Python version hold in place of these files. */
  readonly pythonNames: readonly string[];
}

const SHAPE = { channels: 3, height: 32, width: 32 } as const;
const TRAINING_IMAGES = 50_000;
const TEST_IMAGES = 10_000;

/** CIFAR-10 in its binary version. */
export const CIFAR10: CifarFormat = {
  name: "cifar10",
  title: "CIFAR-10",
  shape: SHAPE,
  folder: "cifar-10-batches-bin",
  trainFiles: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
  testFile: "test_batch.bin",
  namesFile: "batches.meta.txt",
  classNames: [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
  ],
  labelRanges: [10],
  pythonNames: ["cifar-10-batches-py", "data_batch_1"],
};

/** CIFAR-100 in its binary version. */
export const CIFAR100: CifarFormat = {
  name: "cifar100",
  title: "CIFAR-100",
  shape: SHAPE,
  folder: "cifar-100-binary",
  trainFiles: ["train.bin"],
  testFile: "test.bin",
  namesFile: "fine_label_names.txt",
  labelRanges: [20, 100],
  pythonNames: ["cifar-100-python", "train"],
};

/**
 * What a set holds officially, or the files in `folder` by their sizes.
 *
 * @throws {UserError} when a file is missing or no whole number of records
 */
export async function extentOfCifar(
  format: CifarFormat,
  folder: string | undefined,
): Promise<DatasetExtent> {
  const { shape, labelRanges } = format;
  const classes = labelRanges.at(-1)!;
  const counts = folder === undefined
    ? { train: TRAINING_IMAGES, test: TEST_IMAGES }
    : await countImages(format, await findFolder(format, folder));
  return { shape, classes, ...counts };
}

/** Counts the images of the files in their own folder. */
export async function countImages(
  format: CifarFormat,
  folder: string,
): Promise<Pick<DatasetExtent, "train" | "test" | "notes">> {
  const { trainFiles, testFile } = format;
  let all = 0;
  for (const file of trainFiles) {
    all += await countRecords(format, `${folder}/${file}`);
  }
  const notes = sizeNotes("training", {
    found: all,
    official: TRAINING_IMAGES,
  });
  if (await fileInfo(`${folder}/${testFile}`) === undefined) {
    const test = heldOutTest(format, all);
    notes.push(
      `There is no ${testFile}: the last ${
        grouped(test)
      } training images are ` +
        "the test set and are not trained on.",
    );
    return { train: all - test, test, notes };
  }
  const test = await countRecords(format, `${folder}/${testFile}`);
  notes.push(...sizeNotes("test", { found: test, official: TEST_IMAGES }));
  return { train: all, test, notes };
}

/** The folder with the training files: `path` or the official one in it. */
export async function findFolder(
  format: CifarFormat,
  path: string,
): Promise<string> {
  for (const folder of [path, `${path}/${format.folder}`]) {
    for (const file of format.trainFiles) {
      if ((await fileInfo(`${folder}/${file}`))?.isFile) return folder;
    }
  }
  throw new UserError(
    `Cannot load ${format.title}: expected ${format.trainFiles[0]} in ` +
      `${path} or in its folder ${format.folder} but found ` +
      await describe(format, path),
  );
}

/** What is at `path` instead of the binary files, to end an error with. */
async function describe(format: CifarFormat, path: string): Promise<string> {
  const at = await fileInfo(path);
  if (at === undefined) return "no such folder";
  if (!at.isDirectory) {
    return isArchive(path)
      ? "an archive, which must be unpacked first"
      : "a file";
  }
  const found = await Array.fromAsync(Deno.readDir(path));
  const entries = sortedNames(found.map(({ name }) => name));
  const python = entries.find((entry) => format.pythonNames.includes(entry));
  if (python !== undefined) {
    return `${python}, which belongs to the Python version; the binary ` +
      "version is needed";
  }
  const archive = entries.find(isArchive);
  if (archive !== undefined) {
    return `only ${archive}, which must be unpacked first`;
  }
  if (entries.length === 0) return "an empty folder";
  const rest = entries.length > 5 ? ` and ${entries.length - 5} more` : "";
  return `only ${entries.slice(0, 5).join(", ")}${rest}`;
}

function isArchive(name: string): boolean {
  return /\.(tar|tar\.gz|tgz|zip)$/.test(name);
}

/** Bytes of a record: its labels and its pixels. */
export function recordBytes({ labelRanges, shape }: CifarFormat): number {
  return labelRanges.length + imageBytes(shape);
}

/** The records of a file, by its size alone. */
export async function countRecords(
  format: CifarFormat,
  path: string,
): Promise<number> {
  const { title, trainFiles, testFile } = format;
  const info = await fileInfo(path);
  if (!info?.isFile) {
    throw new UserError(
      `Cannot load ${title}: expected the files ` +
        `${[...trainFiles, testFile].join(", ")} but found no ${path}`,
    );
  }
  const size = recordBytes(format);
  if (info.size > 0 && info.size % size === 0) return info.size / size;
  const found = kindOf(await readBytes(path), size);
  throw new UserError(
    `Cannot load ${title}: expected ${path} to be a whole number of ` +
      `records of ${grouped(size)} bytes but found ${found}`,
  );
}

/** What a file of the wrong size is, to end an error with. */
function kindOf(bytes: Uint8Array, size: number): string {
  if (bytes.length === 0) return "an empty file";
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "a gzip archive";
  if (bytes[0] === 0x80 && bytes[1]! <= 5) {
    return "a Python pickle; the binary version is needed";
  }
  return `${grouped(bytes.length)} bytes, which are ` +
    `${grouped(Math.floor(bytes.length / size))} records and ` +
    `${grouped(bytes.length % size)} bytes`;
}

/** An eighth of the training images, where no test file exists. */
function heldOutTest(
  { title, testFile }: CifarFormat,
  all: number,
): number {
  if (all >= 8) return Math.floor(all / 8);
  throw new UserError(
    `Cannot load ${title}: expected ${testFile} or at least 8 training images ` +
      `to hold some out but found ${all}`,
  );
}

/** What to say of a set that is not the official one; empty if it may be. */
function sizeNotes(
  what: string,
  { found, official }: { readonly found: number; readonly official: number },
): string[] {
  if (found === official) return [];
  return [
    `There are ${grouped(found)} ${what} images instead of the official ` +
    `${grouped(official)}.`,
  ];
}

/** A count with its thousands apart. */
function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
