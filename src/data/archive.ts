// Unpacks the official archives, .tar.gz and .tar. A folder appears under its final name
// only when every file in it is complete: files are written to a folder beside
// it, which is renamed at the end.
//
// Of an archive, only the plain files directly inside its one folder are taken.
// That is all these archives hold, and no name in an archive can then lead
// anywhere else.

import { UserError } from "../base/errors.ts";
import { removeIfThere, writeError } from "../base/disk.ts";
import { tarEntries } from "./tar.ts";

/** The folder to unpack, and its destination. */
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

/** Most bytes that a compressed archive may hold, ten times what these do. */
const MOST_BYTES = 2 ** 31;

/** Writes the files of one folder of the archive, and returns their number. */
async function extract(
  path: string,
  { folder, to }: { readonly folder: string; readonly to: string },
): Promise<number> {
  let files = 0;
  let total = 0;
  const isZipped = path.endsWith(".gz");
  try {
    const bytes = isZipped ? unzipped(path) : (await Deno.open(path)).readable;
    for await (const entry of tarEntries(bytes)) {
      total += entry.size;
      if (isZipped && total > MOST_BYTES) {
        throw new SyntaxError(`more than ${MOST_BYTES} bytes in it`);
      }
      const name = plainName(entry.name, folder);
      if (!entry.isFile || name === undefined) continue;
      const options = { write: true, createNew: true };
      using file = await Deno.open(`${to}/${name}`, options);
      for await (const piece of entry.content()) await writeAll(file, piece);
      files++;
    }
  } catch (error) {
    // Errors of the operating system have a code; others are about the archive.
    if (error instanceof Error && "code" in error) throw error;
    throw new UserError(
      `Cannot unpack ${path}: expected a sound ${
        isZipped ? ".tar.gz" : ".tar"
      } ` +
        `archive but found ` +
        `"${(error as Error).message}"`,
      { cause: error },
    );
  }
  return files;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await file.write(bytes.subarray(done));
  }
}

/**
 * The contents of a gzip file. Its last four bytes are the size, which is checked here: the
 * decompressor accepts a file without them.
 */
async function* unzipped(path: string): AsyncGenerator<Uint8Array> {
  const expected = await lastWord(path);
  const archive = await Deno.open(path);
  let size = 0;
  // Leaving the loop early cancels the stream, which closes the file.
  for await (
    const chunk of archive.readable.pipeThrough(new DecompressionStream("gzip"))
  ) {
    size += chunk.length;
    yield chunk;
  }
  if (size % 2 ** 32 !== expected) {
    throw new SyntaxError("a gzip file that breaks off");
  }
}

/** The last four bytes of a file as a number. */
async function lastWord(path: string): Promise<number> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  if (size < 18) throw new SyntaxError("no gzip file");
  await file.seek(-4, Deno.SeekMode.End);
  const word = new Uint8Array(4);
  for (let read = 0; read < 4;) {
    read += await file.read(word.subarray(read)) ?? 4;
  }
  return new DataView(word.buffer).getUint32(0, true);
}

/** The name of an entry directly inside `folder`, undefined for any other. */
function plainName(entry: string, folder: string): string | undefined {
  const path = entry.replace(/^\.\//, "");
  const name = path.slice(folder.length + 1);
  const plain = path.startsWith(`${folder}/`) && /^\w[\w.-]*$/.test(name);
  return plain ? name : undefined;
}
