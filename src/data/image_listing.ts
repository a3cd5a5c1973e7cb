// Listings of image files and their classes. Every loader of image files lists them before
// it reads any, so that missing and misplaced files are found in a second and not after a
// minute of decoding.

import { UserError } from "../base/errors.ts";
import { fileInfo } from "../base/disk.ts";
import { IMAGE_ENDINGS } from "./decode_image.ts";
import { sortedNames } from "./sort_names.ts";

/** An image's file and its class. */
export interface LabeledFile {
  readonly path: string;
  /** The index of its class. */
  readonly label: number;
}

/** A labeled training and test set as files. */
export interface ImageListing {
  /** The name in file names, such as "tiny-imagenet". */
  readonly name: string;
  /** The name in reports, such as "Tiny ImageNet". */
  readonly title: string;
  /** The folder that all paths begin with. */
  readonly folder: string;
  /** The name of class k at index k. */
  readonly classNames: readonly string[];
  readonly train: readonly LabeledFile[];
  readonly test: readonly LabeledFile[];
  /** Notes for readers of the results, one sentence each. */
  readonly notes: readonly string[];
}

/** How strictly files are listed and read. */
export interface Strictness {
  /**
   * Whether a file that is no image, or a damaged one, ends loading. If left out, such
   * files are left out, and a note counts and names them.
   */
  readonly strict?: boolean | undefined;
}

/** The contents of a folder, without files of the operating system. */
export interface FolderContents {
  /** Names of folders, in the order of their code points. */
  readonly folders: readonly string[];
  /** Names of files and of what leads nowhere, likewise. */
  readonly files: readonly string[];
  /** Names of links, and of folders, that lead nowhere, likewise. */
  readonly broken: readonly string[];
}

const SYSTEM_FILES: readonly string[] = ["Thumbs.db", "desktop.ini"];

/** The names in a folder. Links count as what they lead to. */
export async function contentsOf(folder: string): Promise<FolderContents> {
  const folders: string[] = [];
  const files: string[] = [];
  const broken: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const { name } = entry;
    if (name.startsWith(".") || SYSTEM_FILES.includes(name)) continue;
    // A name that is not in UTF-8 arrives with these characters, and leads nowhere.
    const isDoubtful = entry.isSymlink ||
      entry.isDirectory && name.includes("\ufffd");
    const target = isDoubtful ? await targetOf(`${folder}/${name}`) : entry;
    if (target === undefined) broken.push(name);
    (target?.isDirectory ? folders : files).push(name);
  }
  return {
    folders: sortedNames(folders),
    files: sortedNames(files),
    broken: sortedNames(broken),
  };
}

/** Information about the target of a path; undefined if there is none. */
async function targetOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await fileInfo(path);
  } catch (error) {
    if (error instanceof Deno.errors.FilesystemLoop) return undefined;
    throw error;
  }
}

/** How many names a note gives. */
const NAMED = 3;

/** The first names of a list, and how many more there are. */
export function firstNames(names: readonly string[]): string {
  const more = names.length - NAMED;
  const first = names.slice(0, NAMED).join(", ");
  return more > 0 ? `${first} and ${more.toLocaleString("en-US")} more` : first;
}

/** Whether a file's name ends like an image's. */
export function isImageName(name: string): boolean {
  const lower = name.toLowerCase();
  return IMAGE_ENDINGS.some((ending) => lower.endsWith(ending));
}

/**
 * All classes' files in one order in which every part holds its share of each
 * class, so that a part from the beginning or the end represents the whole.
 */
export function interleaved(
  classes: readonly (readonly string[])[],
): LabeledFile[] {
  const placed = classes.flatMap((paths, label) =>
    paths.map((path, i) => ({ path, label, at: (i + 0.5) / paths.length }))
  );
  return placed.sort((a, b) => a.at - b.at || a.label - b.label)
    .map(({ path, label }) => ({ path, label }));
}

/**
 * The last eighth of the training images as test images, where there are none.
 *
 * @throws {UserError} if they are too few for that.
 */
export function withoutTest(
  all: readonly LabeledFile[],
  title: string,
): Pick<ImageListing, "train" | "test" | "notes"> {
  const count = Math.floor(all.length / 8);
  if (count < 1) {
    throw new UserError(
      `Cannot load ${title}: expected test images or at least 8 training ` +
        `images to hold some out but found ${all.length}`,
    );
  }
  return {
    train: all.slice(0, -count),
    test: all.slice(-count),
    notes: [
      `There is no folder of test images: ${count.toLocaleString("en-US")} ` +
      "training images are the test set and are not trained on.",
    ],
  };
}
