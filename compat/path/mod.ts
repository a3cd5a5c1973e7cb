/**
 * Stands in for `@std/path` where JSR cannot be reached: the functions that
 * this project uses, with the documented signatures, over `node:path` and
 * `node:url`. Like the original, a function that looks at one path also takes
 * a `file:` URL.
 *
 * @module
 */

import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Joins the segments with the system's separator and normalizes the result. */
export function join(first: string | URL, ...rest: string[]): string {
  return path.join(asPath(first), ...rest);
}

/** Everything before the last component. */
export function dirname(of: string | URL): string {
  return path.dirname(asPath(of));
}

/** The last component, without `suffix` where it ends so. */
export function basename(of: string | URL, suffix = ""): string {
  return path.basename(asPath(of), suffix);
}

/** The extension of the last component, with its dot, or the empty string. */
export function extname(of: string | URL): string {
  return path.extname(asPath(of));
}

/** The absolute path that the segments lead to from the working folder. */
export function resolve(...segments: string[]): string {
  return path.resolve(...segments);
}

/** The path that leads from one place to the other. */
export function relative(from: string, to: string): string {
  return path.relative(from, to);
}

/** The path of a `file:` URL. Throws a `TypeError` for any other URL. */
export function fromFileUrl(url: string | URL): string {
  return fileURLToPath(url);
}

/** The `file:` URL of an absolute path. Throws a `TypeError` for others. */
export function toFileUrl(of: string): URL {
  if (!path.isAbsolute(of)) {
    throw new TypeError(`Path must be absolute: received "${of}"`);
  }
  return pathToFileURL(of);
}

function asPath(pathOrUrl: string | URL): string {
  return pathOrUrl instanceof URL ? fileURLToPath(pathOrUrl) : pathOrUrl;
}
