// Finds the folders of training and test images by their usual names, in any case. Other
// folders are reported, so that none is taken for a class, or ignored, silently.

/** Names of folders of training images, in lower case. */
const TRAINING: readonly string[] = ["train", "training"];

/**
 * Names of folders of test images, in the order in which they are preferred: what is
 * named a test is held out longest.
 */
const TEST: readonly (readonly string[])[] = [
  ["test", "testing"],
  ["val", "valid", "validation", "dev", "eval"],
];

/** The parts of a folder. */
export interface SplitFolders {
  /** Folders of training images; more than one is a mistake. */
  readonly train: readonly string[];
  /** Folders of test images of the most preferred kind; more than one is a mistake. */
  readonly test: readonly string[];
  /** Other folders, whose images are not used. */
  readonly unused: readonly string[];
}

/** Whether a name is one that parts of a data set have. */
export function isSplitName(name: string): boolean {
  return [TRAINING, ...TEST].some((names) => isAmong(names, name));
}

/** Sorts the folders of a data set by what they hold. */
export function splitFolders(folders: readonly string[]): SplitFolders {
  const train = folders.filter((name) => isAmong(TRAINING, name));
  const kinds = TEST.map((names) =>
    folders.filter((name) => isAmong(names, name))
  );
  const test = kinds.find((found) => found.length > 0) ?? [];
  const used = [...train, ...test];
  const unused = folders.filter((name) => !used.includes(name));
  return { train, test, unused };
}

function isAmong(names: readonly string[], name: string): boolean {
  return names.includes(name.toLowerCase());
}
