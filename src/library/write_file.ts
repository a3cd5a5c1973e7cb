// Files that the library writes where a program asked for them.

import { writeAtomically } from "../base/atomic_write.ts";

/**
 * Writes a file: the old one or the new one is there, whole. That takes permission to
 * read the folder; without it, the file is written in place, and a crash leaves a part.
 *
 * @throws {UserError} if the disk is full or the folder refuses files.
 */
export async function writeFile(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  try {
    await writeAtomically(path, bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    await Deno.writeFile(path, bytes);
  }
}
