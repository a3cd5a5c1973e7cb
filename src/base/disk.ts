// Files and folders, with errors for people. A missing file is not always an error; errors
// of the system become `UserError`s. Links inside a folder that the program writes to are
// refused, since they would lead writes elsewhere.

import { isSystemError, UserError } from "./errors.ts";

/** Information about the file at `path`; undefined if there is none. */
export async function fileInfo(
  path: string,
): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
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

/**
 * The text of the file at `path`.
 *
 * @throws {UserError} if there is none, or the system refuses to read it.
 */
export async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw readError(error, path);
  }
}

/**
 * The bytes of the file at `path`.
 *
 * @throws {UserError} if there is none, or the system refuses to read it.
 */
export async function readBytes(
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw readError(error, path);
  }
}

/**
 * Makes the folder at `path`, and those above it, where there is none.
 *
 * @throws {UserError} if the system refuses.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    throw writeError(error, path);
  }
}

/**
 * Refuses a folder that has symbolic links directly in it. The folder itself may be
 * reached by one, and there need not be one.
 *
 * @throws {UserError} naming the first link.
 */
export async function refuseLinks(folder: string): Promise<void> {
  if (!(await fileInfo(folder))?.isDirectory) return;
  try {
    for await (const { name, isSymlink } of Deno.readDir(folder)) {
      if (isSymlink) refuseLink(`${folder}/${name}`);
    }
  } catch (error) {
    throw readError(error, folder);
  }
}

/**
 * Opens the file at `path` itself, never what a symbolic link there leads to.
 *
 * @throws {UserError} for a link, or if the system refuses.
 */
export async function openInPlace(
  path: string,
  options: Deno.OpenOptions,
): Promise<Deno.FsFile> {
  let file: Deno.FsFile | undefined;
  try {
    if (await isLink(path)) refuseLink(path);
    file = await Deno.open(path, options);
    // A link may have come between the look and the opening.
    if (await isLink(path)) refuseLink(path);
    return file;
  } catch (error) {
    file?.close();
    throw writeError(error, path);
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isSymlink;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

function refuseLink(path: string): never {
  throw new UserError(
    `Cannot use ${path}: expected a file or folder of its own but found a ` +
      "symbolic link",
  );
}

/** The error to throw when reading `path` failed. */
export function readError(error: unknown, path: string): unknown {
  if (!isSystemError(error)) return error;
  const found = isAbsence(error) ? "nothing there" : `"${error.message}"`;
  return new UserError(
    `Cannot read ${path}: expected a readable file but found ${found}`,
    { cause: error },
  );
}

const REFUSALS: readonly unknown[] = [
  "EACCES",
  "EEXIST",
  "ENOTDIR",
  "EPERM",
  "EROFS",
];

/**
 * The error to throw when writing `path` failed: a `UserError` for an error of the
 * system, any other error itself.
 */
export function writeError(error: unknown, path: string): unknown {
  if (!isSystemError(error)) return error;
  const code = codeOf(error);
  const explained = (expected: string, found = `"${error.message}"`) =>
    new UserError(
      `Cannot write ${path}: expected ${expected} but found ${found}`,
      {
        cause: error,
      },
    );
  if (code === "ENOSPC" || code === "EDQUOT") {
    return explained(
      "free disk space",
      "none; what is complete was kept, so run again once there is space",
    );
  }
  if (REFUSALS.includes(code)) return explained("a writable folder");
  return error instanceof Deno.errors.NotFound
    ? explained("a folder that exists and one write at a time")
    : explained("the system to allow it");
}

/** The system's own name of an error, such as "ENOSPC"; undefined without one. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory;
}
