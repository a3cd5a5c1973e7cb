// Unpacks the official .tar.gz archives. A folder appears under its final name
// only when every file in it is complete: files are written to a folder beside
// it, which is renamed at the end.
//
// Of an archive, only the plain files directly inside its one folder are taken.
// That is all these archives hold, and no name in an archive can then lead
// anywhere else.

import { createTarDecoder } from "npm:modern-tar@0.8.6";
import { UserError } from "../base/errors.ts";
import { removeIfThere, writeError } from "../base/disk.ts";

/** Where an archive's content goes. */
export interface UnpackOptions {
  /** The folder in the archive. */
  readonly folder: string;
  /** The existing folder in which `folder` shall stand. */
  readonly into: string;
}

/**
 * Unpacks `folder` of the archive at `path`, and returns where it stands. Only
 * one process may unpack to the same place at a time.
 *
 * @throws {UserError} when the archive is damaged or lacks the folder, or the disk is
 * full; nothing is left behind then
 */
export async function unpack(
  path: string,
  { folder, into }: UnpackOptions,
): Promise<string> {
  const target = `${into}/${folder}`;
  const unfinished = `${target}.unfinished`;
  // A process that was killed may have left one.
  await removeIfThere(unfinished);
  try {
    await Deno.mkdir(unfinished);
    if (await extract(path, { folder, to: unfinished }) === 0) {
      throw new UserError(
        `Cannot unpack ${path}: expected files in its folder ${folder} but ` +
          "found none",
      );
    }
    await Deno.rename(unfinished, target);
  } catch (error) {
    await removeIfThere(unfinished);
    throw writeError(error, target);
  }
  return target;
}

/** Writes the files of one folder of the archive, and returns their number. */
async function extract(
  path: string,
  { folder, to }: { readonly folder: string; readonly to: string },
): Promise<number> {
  const archive = await Deno.open(path);
  let files = 0;
  try {
    const entries = archive.readable
      .pipeThrough(new DecompressionStream("gzip"))
      .pipeThrough(createTarDecoder());
    for await (const { header, body } of entries) {
      const name = plainName(header.name, folder);
      if (header.type !== "file" || name === undefined) {
        await body.cancel();
        continue;
      }
      const options = { write: true, createNew: true };
      const file = await Deno.open(`${to}/${name}`, options);
      await body.pipeTo(file.writable);
      files++;
    }
  } catch (error) {
    // What the operating system refuses has a code; the rest is the archive.
    if (error instanceof Error && "code" in error) throw error;
    throw new UserError(
      `Cannot unpack ${path}: expected a sound .tar.gz archive but found ` +
        `"${(error as Error).message}"`,
      { cause: error },
    );
  }
  return files;
}

/** The name of an entry directly inside `folder`, undefined for any other. */
function plainName(entry: string, folder: string): string | undefined {
  const path = entry.replace(/^\.\//, "");
  const name = path.slice(folder.length + 1);
  const plain = path.startsWith(`${folder}/`) && /^\w[\w.-]*$/.test(name);
  return plain ? name : undefined;
}
