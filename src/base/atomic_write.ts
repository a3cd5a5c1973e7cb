// Atomic writes. The bytes go to a new file in the same folder, are synced to the disk, and
// only then the file is renamed: readers of the path find the old content or the new one,
// after a crash or a power cut, too.
//
// A writer that was killed leaves its unfinished file behind, and the next write
// to the same path removes it. The unfinished files of two writers have different
// names, so that writing twice at once fails with an error and never mixes contents.

import { removeIfThere, writeError } from "./disk.ts";

const UNFINISHED = ".partial";

/** Bytes per system call: far fewer make writing slow, more save nothing. */
const CHUNK = 1 << 24;

/**
 * Replaces the file at `path` by one with these bytes or this text, or leaves it as
 * it is. One write at a time may go to a path.
 *
 * @throws {UserError} if the disk is full or the folder refuses files.
 */
export async function writeAtomically(
  path: string,
  content: Uint8Array | string,
): Promise<void> {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  const unfinished = `${path}.${crypto.randomUUID().slice(0, 8)}${UNFINISHED}`;
  try {
    await removeLeftovers(path);
    await writeDurably(unfinished, bytes);
    await Deno.rename(unfinished, path);
  } catch (error) {
    // If this fails too, the first error is the one to report.
    await removeIfThere(unfinished).catch(() => {});
    throw writeError(error, path);
  }
  await syncFolder(path);
}

/** Removes the unfinished files that killed writers left beside `path`. */
async function removeLeftovers(path: string): Promise<void> {
  const { folder, name } = split(path);
  for await (const entry of Deno.readDir(folder || ".")) {
    const left = entry.name.startsWith(`${name}.`) &&
      entry.name.endsWith(UNFINISHED) &&
      /^[0-9a-f]{8}$/.test(
        entry.name.slice(name.length + 1, -UNFINISHED.length),
      );
    if (left) await removeIfThere(folder + entry.name);
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let done = 0; done < bytes.length;) {
    done += await file.write(bytes.subarray(done, done + CHUNK));
  }
  await file.sync();
}

/**
 * Makes the new name durable. The file is whole either way, so a system that
 * cannot open or synchronize folders (Windows, some network disks) is no error:
 * there a power cut may bring back the old content.
 */
async function syncFolder(path: string): Promise<void> {
  try {
    using folder = await Deno.open(split(path).folder || ".");
    await folder.sync();
  } catch {
    return;
  }
}

/** The folder with its separator, empty for the working folder, and the name. */
function split(path: string): { folder: string; name: string } {
  const separator = Deno.build.os === "windows" ? /[/\\]/g : /\//g;
  const last = [...path.matchAll(separator)].at(-1);
  const cut = last ? last.index + 1 : 0;
  return { folder: path.slice(0, cut), name: path.slice(cut) };
}
