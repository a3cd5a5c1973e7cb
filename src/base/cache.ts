// The folder of downloads: the platform's cache folder, so that every checkout shares one
// copy and clean-up tools know it.

import { UserError } from "./errors.ts";

/** The environment that decides where the cache is; the process's if left out. */
export interface CacheLocation {
  /** Reads an environment variable. */
  readonly env?: (name: string) => string | undefined;
  /** The operating system, as Deno names it. */
  readonly os?: typeof Deno.build.os;
}

/**
 * The folder for downloads: `$XDG_CACHE_HOME/frpat` or `~/.cache/frpat`,
 * `~/Library/Caches/frpat` on macOS, `%LOCALAPPDATA%\frpat` on Windows. It may
 * not exist yet.
 *
 * @throws {UserError} if the environment names no folder.
 */
export function cacheFolder(location: CacheLocation = {}): string {
  const { env = (name) => Deno.env.get(name), os = Deno.build.os } = location;
  const folder = os === "windows"
    ? below(env("LOCALAPPDATA"), "frpat")
    : os === "darwin"
    ? below(env("HOME"), "Library/Caches/frpat")
    : below(absolute(env("XDG_CACHE_HOME")), "frpat") ??
      below(env("HOME"), ".cache/frpat");
  if (folder === undefined) {
    const names = os === "windows" ? "LOCALAPPDATA" : "HOME";
    throw new UserError(
      `Cannot find the cache folder: expected ${names} to be set but found ` +
        "it empty",
    );
  }
  return folder;
}

function below(folder: string | undefined, name: string): string | undefined {
  return folder ? `${folder}/${name}` : undefined;
}

/** The XDG base directory specification has relative paths ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith("/") ? path : undefined;
}
