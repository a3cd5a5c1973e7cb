// CIFAR-10 and CIFAR-100 (Krizhevsky, "Learning multiple layers of features
// from tiny images", 2009) from the official binary files: records of one label
// byte (CIFAR-100: coarse, then fine; the fine one is used) and 3,072 pixel
// bytes, plane by plane, with no header anywhere.
//
// Without a header, a wrong file can only be told by its size and its labels,
// so both are checked for every record. Any whole number of records is
// accepted, since subsets are useful; the notes then say that the set is not the
// official one, and every report repeats them.

import { type Dataset, holdOut, imageBytes, type Split } from "./dataset.ts";
import { UserError } from "../base/errors.ts";
import { fileInfo } from "../base/disk.ts";
import { sortedNames } from "./sort_names.ts";

interface Format {
  readonly name: string;
  readonly title: string;
  /** The folder in the official archive. */
  readonly folder: string;
  readonly trainFiles: readonly string[];
  readonly testFile: string;
  readonly namesFile: string;
  /** Used where that file is missing; numbers where there are none. */
  readonly classNames?: readonly string[];
  /** The number of values of each label byte; the last one is the class. */
  readonly labelRanges: readonly number[];
  /** The names of these files in the archives of the Python version. */
  readonly pythonNames: readonly string[];
}

const SHAPE = { channels: 3, height: 32, width: 32 } as const;
const PIXELS = imageBytes(SHAPE);
const TRAINING_IMAGES = 50_000;
const TEST_IMAGES = 10_000;

const CIFAR10: Format = {
  name: "cifar10",
  title: "CIFAR-10",
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

const CIFAR100: Format = {
  name: "cifar100",
  title: "CIFAR-100",
  folder: "cifar-100-binary",
  trainFiles: ["train.bin"],
  testFile: "test.bin",
  namesFile: "fine_label_names.txt",
  labelRanges: [20, 100],
  pythonNames: ["cifar-100-python", "train"],
};

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

async function load(format: Format, path: string): Promise<Dataset> {
  const { name, title, testFile, namesFile } = format;
  const folder = await findFolder(format, path);
  const classNames = await readNames(format, `${folder}/${namesFile}`);
  const all = await readSplit(format, {
    folder,
    files: format.trainFiles,
  });
  const notes = sizeNotes("training", {
    found: all.count,
    official: TRAINING_IMAGES,
  });
  let train = all;
  let test: Split;
  if (await fileInfo(`${folder}/${testFile}`) === undefined) {
    [train, test] = holdOutTest(format, all);
    notes.push(
      `There is no ${testFile}: the last ${grouped(test.count)} training ` +
        "images are the test set and are not trained on.",
    );
  } else {
    test = await readSplit(format, { folder, files: [testFile] });
    const counts = { found: test.count, official: TEST_IMAGES };
    notes.push(...sizeNotes("test", counts));
  }
  return { name, title, classNames, shape: SHAPE, train, test, notes };
}

/** The folder with the training files: `path` or the official one in it. */
async function findFolder(format: Format, path: string): Promise<string> {
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

/** The finding at `path` instead of the binary files, to end an error with. */
async function describe(format: Format, path: string): Promise<string> {
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

/** The images and labels of `files`, one file after the other. */
async function readSplit(
  format: Format,
  { folder, files }: {
    readonly folder: string;
    readonly files: readonly string[];
  },
): Promise<Split> {
  const header = format.labelRanges.length;
  const size = header + PIXELS;
  const contents: Uint8Array[] = [];
  for (const file of files) {
    contents.push(await readRecords(format, `${folder}/${file}`));
  }
  const bytes = contents.reduce((sum, content) => sum + content.length, 0);
  const count = bytes / size;
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let image = 0;
  for (const content of contents) {
    for (let record = 0; record < content.length; record += size, image++) {
      const pixels = content.subarray(record + header, record + size);
      images.set(pixels, image * PIXELS);
      labels[image] = content[record + header - 1]!;
    }
  }
  return { images, labels, count };
}

/** The bytes of a file, once its size and all its labels fit the format. */
async function readRecords(format: Format, path: string): Promise<Uint8Array> {
  const { title, trainFiles, testFile, labelRanges } = format;
  if (!(await fileInfo(path))?.isFile) {
    throw new UserError(
      `Cannot load ${title}: expected the files ` +
        `${[...trainFiles, testFile].join(", ")} but found no ${path}`,
    );
  }
  const bytes = await Deno.readFile(path);
  const size = labelRanges.length + PIXELS;
  if (bytes.length === 0 || bytes.length % size !== 0) {
    throw new UserError(
      `Cannot load ${title}: expected ${path} to be a whole number of ` +
        `records of ${grouped(size)} bytes but found ${kindOf(bytes, size)}`,
    );
  }
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

/** A hint about a file of the wrong size, to end an error with. */
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

/** The last eighth of the training images, where no test file exists. */
function holdOutTest(format: Format, all: Split): [train: Split, test: Split] {
  if (all.count < 8) {
    throw new UserError(
      `Cannot load ${format.title}: expected ${format.testFile} or at least ` +
        `8 training images to hold some out but found ${all.count}`,
    );
  }
  const { kept, heldOut } = holdOut(all, Math.floor(all.count / 8));
  return [kept, heldOut];
}

async function readNames(
  format: Format,
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

/** A note on a set that is not the official one; empty if it may be. */
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
