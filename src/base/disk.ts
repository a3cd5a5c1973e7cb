// The file system where its answers need care: a path that holds nothing is not
// an error here, and a disk that cannot be written is one in words.

/** What is at `path`, or undefined where there is nothing. */
export async function fileInfo(
  path: string,
): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (absent) return undefined;
    throw error;
  }
}

/** Removes the file or the whole folder at `path`, if there is one. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

const REFUSALS: readonly string[] = [
  "EACCES",
  "EEXIST",
  "ENOTDIR",
  "EPERM",
  "EROFS",
];

/**
 * What to throw when writing `path` failed: full disks and places that refuse
 * files in words, any other error as it is.
 */
export function writeError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Error(
      `Cannot write ${path}: expected free disk space but found none; what ` +
        "is complete was kept, so run again once there is space",
      { cause: error },
    );
  }
  if (typeof code === "string" && REFUSALS.includes(code)) {
    return new Error(
      `Cannot write ${path}: expected a writable folder but found ` +
        `"${(error as Error).message}"`,
      { cause: error },
    );
  }
  return error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
