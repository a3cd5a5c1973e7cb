// The commit that a checkout is at, read from its files: running git would need a
// permission to run programs. Whether files were changed since is not known.

import { fileInfo } from "../base/disk.ts";

/** The commit of the checkout at `folder`; null where there is none. */
export async function gitCommit(folder: string): Promise<string | null> {
  const git = await gitFolder(folder);
  if (git === null) return null;
  const head = await readIfThere(`${git}/HEAD`);
  const branch = /^ref: (.+)$/.exec(head)?.[1];
  if (branch === undefined) return asCommit(head);
  // A worktree keeps its HEAD to itself and shares the branches.
  const shared = await readIfThere(`${git}/commondir`);
  const folders = shared ? [git, `${git}/${shared}`] : [git];
  for (const place of folders) {
    const own = asCommit(await readIfThere(`${place}/${branch}`));
    if (own) return own;
    const packed = await readIfThere(`${place}/packed-refs`);
    const line = packed.split("\n").find((line) => line.endsWith(` ${branch}`));
    if (line) return asCommit(line.split(" ")[0]!);
  }
  return null;
}

/** The folder of git's files, which in a worktree a file points to. */
async function gitFolder(folder: string): Promise<string | null> {
  const path = `${folder}/.git`;
  const info = await fileInfo(path);
  if (!info) return null;
  if (info.isDirectory) return path;
  return /^gitdir: (.+)$/.exec(await readIfThere(path))?.[1] ?? null;
}

/** The text of a file without the line break at its end; empty where there is none. */
async function readIfThere(path: string): Promise<string> {
  return await fileInfo(path) ? (await Deno.readTextFile(path)).trimEnd() : "";
}

function asCommit(text: string): string | null {
  return /^[0-9a-f]{40,64}$/.test(text) ? text : null;
}
