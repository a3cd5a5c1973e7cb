// A lock that is released when its process ends, however that ends: the operating system's
// lock on an open file. The file itself stays, and its presence means nothing. It holds the
// id of the last process that took the lock, for messages.

import { openInPlace, writeError } from "./disk.ts";

/** How to take a lock. */
export interface LockOptions {
  /**
   * Called where another process holds the lock, with what is known of it, such as
   * "process 4711". Waits for the lock after it, unless it throws.
   */
  readonly onTaken: (holder: string) => void;
}

/**
 * Takes the lock of the file at `path`, made if need be. Closing the file, as by
 * `using`, releases it.
 *
 * @throws {UserError} if the system refuses the file, or it is a symbolic link.
 */
export async function lockFile(
  path: string,
  { onTaken }: LockOptions,
): Promise<Deno.FsFile> {
  const options = { read: true, write: true, create: true };
  const file = await openInPlace(path, options);
  try {
    if (!await file.tryLock(true) && !await tryAgain(file)) {
      onTaken(await holderOf(path));
      await file.lock(true);
    }
    await file.truncate();
    await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
    return file;
  } catch (error) {
    file.close();
    throw writeError(error, path);
  }
}

/** A process that only asks who holds a lock takes it for a moment. */
async function tryAgain(file: Deno.FsFile): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return await file.tryLock(true);
}

/** The holder of a lock, if it can be read, which it cannot on Windows. */
async function holderOf(path: string): Promise<string> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return /^\d+\n$/.test(text) ? `process ${text.trim()}` : "one";
}
