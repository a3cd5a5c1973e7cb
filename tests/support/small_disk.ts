// Disks that take less than a program wants to write, for real: a mounted one of a
// megabyte, a read-only one, and a limit on the size of files, which every system
// grants. They exist for the program alone, so that nothing needs to be undone.

import { assert } from "@std/assert";
import { fromFileUrl } from "@std/path";

/** A kind of disk. */
export interface Disk {
  readonly name: string;
  /** Runs `"$@"` where `$0` is such a disk, with the files that `$0` has. */
  readonly command: string;
  /** What the error of a write that is too large says. */
  readonly complaint: string;
  /** Why this machine cannot have one, for a test's name; empty if it can. */
  readonly absence: string;
}

/** Runs `"$@"` with mounts of its own, once `mounts` are done. */
function mounted(mounts: string): string {
  return `exec unshare -rm sh -c '${mounts} && exec "$@"' "$0" "$@"`;
}

const MOUNTED: readonly Omit<Disk, "absence">[] = [
  {
    name: "a full disk",
    command: mounted(
      'file=$(cat "$0"/*) && mount -t tmpfs -o size=1m tmpfs "$0"' +
        ' && printf %s "$file" > "$0/file"',
    ),
    complaint: "free disk space but found none",
  },
  {
    name: "a read-only disk",
    command: mounted(
      'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"',
    ),
    complaint: "a writable folder but found",
  },
];

/** The disks to try. */
export const DISKS: readonly Disk[] = [
  {
    name: "a disk with a limit on the size of files",
    // The signal would end the program; where it is ignored, the write fails.
    command: 'trap "" XFSZ && ulimit -f 2000 && exec "$@"',
    complaint: "File too large",
    absence: Deno.build.os === "windows"
      ? " (not run: needs a POSIX shell)"
      : "",
  },
  ...await Promise.all(MOUNTED.map(async (disk) => ({
    ...disk,
    absence: await works(disk.command)
      ? ""
      : " (not run: mounting a disk is not allowed here)",
  }))),
];

async function works(command: string): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "");
  const args = ["-c", command, folder, "true"];
  const { success } = await new Deno.Command("sh", { args }).output()
    .catch(() => ({ success: false }));
  await Deno.remove(folder, { recursive: true });
  return success;
}

/** The arguments that run a program beside this file on files in `folder`. */
export function denoArguments(program: string, folder: string): string[] {
  const file = fromFileUrl(new URL(program, import.meta.url));
  return ["run", `--allow-read=${folder}`, `--allow-write=${folder}`, file];
}

/** What a program prints that runs where `folder`, its argument, is such a disk. */
export async function runOn(
  { command }: Disk,
  { folder, program }: { readonly folder: string; readonly program: string },
): Promise<string> {
  const args = ["deno", ...denoArguments(program, folder), folder];
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command, folder, ...args],
  }).output();
  const decoder = new TextDecoder();
  assert(stdout.length > 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}
