// Reads the bytes of an image's file, with errors that say what is wrong with the file.

import { UserError } from "../base/errors.ts";

/**
 * The bytes of a file. Small files are read much faster by a call that does not wait
 * for a thread.
 *
 * @throws {UserError} naming the file and what is wrong with it.
 */
export function readImageFile(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    const found = problemOf(error, path);
    if (found === null) throw error;
    throw new UserError(
      `Cannot read ${path}: expected a whole JPEG or PNG image but found ${found}`,
      { cause: error },
    );
  }
}

/** An error of the operating system as text; null for other errors. */
function problemOf(error: unknown, path: string): string | null {
  if (error instanceof Deno.errors.FilesystemLoop) {
    return "a link that leads to itself";
  }
  if (error instanceof Deno.errors.NotFound) {
    if (path.includes("\ufffd")) return "a file whose name is not in UTF-8";
    return isLink(path) ? "a link to nothing" : "no such file";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "a file that may not be read";
  }
  if (error instanceof Deno.errors.NotCapable) return null;
  const isSystems = error instanceof Error && "code" in error;
  return isSystems ? `"${error.message}"` : null;
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}
