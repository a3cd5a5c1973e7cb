// One large file over HTTP, whole and verified or not there at all: bytes go to
// a partial file beside `path`, which takes that name only after its digest
// was found right. An interrupted download goes on where it stopped, in this
// run or the next.
//
// To continue, a range is requested with If-Range, in case the server's file has changed
// since the first bytes. Its validator (a strong ETag or the date) is kept beside the
// partial file; if a server sends none, or ignores ranges, the download starts again.

import { UserError } from "../base/errors.ts";
import { fileInfo, removeIfThere, writeError } from "../base/disk.ts";
import { fileDigest } from "./file_digest.ts";

/** A file whose content is known in advance. */
export interface RemoteFile {
  /** Where it is. */
  readonly url: string;
  /** Its size. */
  readonly bytes: number;
  /** Its SHA-256 in hexadecimal; absent where its publisher gives its MD5 alone. */
  readonly sha256?: string;
  /** Its MD5 in hexadecimal, where there is no SHA-256. */
  readonly md5?: string;
}

/** The progress of a download. */
export type DownloadProgress =
  | {
    readonly stage: "downloading";
    /** Bytes received, those of earlier runs included. */
    readonly received: number;
    readonly total: number;
  }
  | {
    readonly stage: "retrying";
    readonly reason: string;
    /** Milliseconds until the next attempt. */
    readonly delay: number;
  }
  | { readonly stage: "verifying" };

/** How to download. */
export interface DownloadOptions {
  /** Called for every piece received. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Milliseconds without a byte before another attempt; 30,000 if left out. */
  readonly stallTimeout?: number;
  /** How many attempts in a row may fail to get further; 4 if left out. */
  readonly retries?: number;
  /** Milliseconds before the first retry, doubled for each next; 1,000. */
  readonly retryDelay?: number;
}

/** An error after which another attempt may succeed. */
class Interruption extends Error {
  override readonly name = "Interruption";
}

/**
 * Makes sure that `path` holds `remote`, downloading what is missing. The
 * folder must exist, and only one process may download to `path` at a time.
 *
 * @throws {UserError} when the server has another file, stays silent or unreachable,
 * when the digest is wrong (the file is then removed) or the disk is full
 */
export async function download(
  remote: RemoteFile,
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  const partial = `${path}.part`;
  const complete = await fileInfo(path) !== undefined;
  if (!complete) await receiveAll(remote, partial, options);
  options.onProgress?.({ stage: "verifying" });
  await verify(remote, complete ? path : partial);
  if (complete) return;
  await Deno.rename(partial, path);
  await removeIfThere(validatorPath(partial));
}

/** Receives until the partial file is whole, or too many attempts have failed. */
async function receiveAll(
  remote: RemoteFile,
  partial: string,
  options: DownloadOptions,
): Promise<void> {
  const { retries = 4, retryDelay = 1000 } = options;
  let furthest = 0;
  let failures = 0;
  while (true) {
    try {
      return await receive(remote, partial, options);
    } catch (error) {
      if (!(error instanceof Interruption)) throw writeError(error, partial);
      const reached = (await fileInfo(partial))?.size ?? 0;
      // Progress forgives what failed before; a server that ignores ranges and
      // always breaks off at the same place makes none.
      failures = reached > furthest ? 1 : failures + 1;
      furthest = Math.max(furthest, reached);
      const reason = error.message;
      if (failures > retries) {
        throw new UserError(
          `Cannot download ${remote.url}: expected ${remote.bytes} bytes but ` +
            `found ${reached} (${reason}); run again to go on from there`,
          { cause: error },
        );
      }
      const delay = retryDelay * 2 ** (failures - 1);
      options.onProgress?.({ stage: "retrying", reason, delay });
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}

/** One attempt: asks for what is missing and appends it. */
async function receive(
  remote: RemoteFile,
  partial: string,
  { onProgress, stallTimeout = 30_000 }: DownloadOptions,
): Promise<void> {
  const total = remote.bytes;
  const { offset, validator } = await resumePoint(remote, partial);
  if (offset === total) return;
  const abort = new AbortController();
  try {
    const limits = { abort, stallTimeout };
    const headers = {
      // A gzip file labeled as gzip-encoded would arrive unpacked.
      "Accept-Encoding": "identity",
      ...(offset > 0 && { "Range": `bytes=${offset}-`, "If-Range": validator }),
    };
    const signal = abort.signal;
    const request = () => fetch(remote.url, { headers, signal });
    const response = await untilStalled(request, limits);
    let received = await startOf(response, { remote, partial, offset });
    using file = await openPartial(partial, received);
    if (received === 0) await keepValidator(partial, response, remote);
    const reader = response.body!.getReader();
    onProgress?.({ stage: "downloading", received, total });
    while (received < total) {
      const { value } = await untilStalled(() => reader.read(), limits);
      if (value === undefined) {
        throw new Interruption("the connection was closed early");
      }
      await writeAll(file, value);
      received += value.length;
      onProgress?.({ stage: "downloading", received, total });
    }
    await file.sync();
  } finally {
    abort.abort();
  }
}

/** Runs `action`, which `abort` ends, and turns network faults into one kind. */
async function untilStalled<T>(
  action: () => Promise<T>,
  { abort, stallTimeout }: {
    readonly abort: AbortController;
    readonly stallTimeout: number;
  },
): Promise<T> {
  const timer = setTimeout(() => {
    const seconds = stallTimeout / 1000;
    abort.abort(new Interruption(`the server was silent for ${seconds} s`));
  }, stallTimeout);
  try {
    return await action();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    if (error instanceof Interruption) throw error;
    throw new Interruption((error as Error).message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Where the body of `response` begins in the file: at `offset` or at 0. */
async function startOf(
  response: Response,
  { remote, partial, offset }: {
    readonly remote: RemoteFile;
    readonly partial: string;
    readonly offset: number;
  },
): Promise<number> {
  const { status, statusText, headers } = response;
  const range = headers.get("Content-Range");
  const misplaced = status === 206 && !range?.startsWith(`bytes ${offset}-`);
  if (status === 416 || misplaced) {
    await removeIfThere(partial);
    throw new Interruption("the server does not have the rest of the file");
  }
  if (status === 408 || status === 429 || status >= 500) {
    throw new Interruption(`the server answered ${status} ${statusText}`);
  }
  if (status !== 200 && status !== 206) {
    throw new UserError(
      `Cannot download ${remote.url}: expected the file but found the answer ` +
        `${status} ${statusText}`,
    );
  }
  const start = status === 206 ? offset : 0;
  const length = headers.get("Content-Length");
  if (length !== null && start + Number(length) !== remote.bytes) {
    throw new UserError(
      `Cannot download ${remote.url}: expected ${remote.bytes} bytes but ` +
        `found ${start + Number(length)} on the server`,
    );
  }
  return start;
}

/** The received part of the file, and its validator. */
async function resumePoint(
  remote: RemoteFile,
  partial: string,
): Promise<{ readonly offset: number; readonly validator: string }> {
  const offset = (await fileInfo(partial))?.size ?? 0;
  const fresh = { offset: 0, validator: "" };
  if (offset === 0 || offset > remote.bytes) return fresh;
  try {
    const text = await Deno.readTextFile(validatorPath(partial));
    const [url, validator] = text.split("\n");
    return url === remote.url && validator ? { offset, validator } : fresh;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return fresh;
    throw error;
  }
}

async function keepValidator(
  partial: string,
  { headers }: Response,
  { url }: RemoteFile,
): Promise<void> {
  const tag = headers.get("ETag");
  // If-Range compares strongly, so that a weak tag would never match.
  const strong = tag?.startsWith('"') ? tag : headers.get("Last-Modified");
  const text = `${url}\n${strong ?? ""}`;
  await Deno.writeTextFile(validatorPath(partial), text);
}

function validatorPath(partial: string): string {
  return `${partial}.validator`;
}

function openPartial(path: string, offset: number): Promise<Deno.FsFile> {
  const append = offset > 0;
  return Deno.open(path, {
    create: true,
    append,
    write: true,
    truncate: !append,
  });
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await file.write(bytes.subarray(done));
  }
}

/** Removes the file and throws unless it is the expected one. */
async function verify(remote: RemoteFile, path: string): Promise<void> {
  const { sha256, md5 } = remote;
  const name = sha256 === undefined ? "md5" : "sha256";
  const found = await fileDigest(path, name);
  if (found === (sha256 ?? md5)) return;
  await Deno.remove(path);
  await removeIfThere(validatorPath(path));
  throw new UserError(
    `Cannot use ${remote.url}: expected ${name === "md5" ? "MD5" : "SHA-256"} ${
      sha256 ?? md5
    } but found ${found}; the file was removed`,
  );
}
