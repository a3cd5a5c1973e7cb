// The official archives, fetched once and kept unpacked in the cache folder.
// A process holds the archive's lock meanwhile, so that a second process waits and then
// finds the folder; the lock ends with its process.

import { unpack } from "./archive.ts";
import { cacheFolder } from "../base/cache.ts";
import {
  download,
  type DownloadOptions,
  type DownloadProgress,
  type RemoteFile,
} from "./download.ts";
import { fileInfo, makeFolder } from "../base/disk.ts";
import { lockFile } from "../base/lock.ts";

/** An archive and the one folder in it. */
export interface Archive extends Omit<RemoteFile, "url"> {
  /** The archive's file name. */
  readonly file: string;
  /** The folder that it unpacks to. */
  readonly folder: string;
  /** The folder that holds it on its server; CIFAR's if left out. */
  readonly base?: string;
}

/** Where CIFAR is published. */
export const OFFICIAL_BASE = "https://www.cs.toronto.edu/~kriz/";

/** The binary versions of CIFAR, with sizes and checksums as published. */
export const OFFICIAL_ARCHIVES: {
  readonly cifar10: Archive;
  readonly cifar100: Archive;
} = {
  cifar10: {
    file: "cifar-10-binary.tar.gz",
    folder: "cifar-10-batches-bin",
    bytes: 170_052_171,
    sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  },
  cifar100: {
    file: "cifar-100-binary.tar.gz",
    folder: "cifar-100-binary",
    bytes: 168_513_733,
    sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
  },
};

/**
 * CIFAR's test images with corruptions, with sizes and checksums as Zenodo has them in its
 * records 2535967 and 3555552.
 */
export const CORRUPTION_ARCHIVES: {
  readonly cifar10: Archive & { readonly base: string };
  readonly cifar100: Archive & { readonly base: string };
} = {
  cifar10: {
    file: "CIFAR-10-C.tar",
    folder: "CIFAR-10-C",
    base: "https://zenodo.org/records/2535967/files/",
    bytes: 2_918_471_680,
    md5: "56bf5dcef84df0e2308c6dcbcbbd8499",
  },
  cifar100: {
    file: "CIFAR-100-C.tar",
    folder: "CIFAR-100-C",
    base: "https://zenodo.org/records/3555552/files/",
    bytes: 2_918_473_216,
    md5: "11f0ed0f1191edbf9fa23466ae6021d3",
  },
};

/** The progress of {@linkcode obtain}; "waiting" is for another process. */
export type ObtainProgress =
  | DownloadProgress
  | { readonly stage: "waiting" | "unpacking" };

/** How to obtain an archive. */
export interface ObtainOptions extends Omit<DownloadOptions, "onProgress"> {
  /** The folder that holds the archives on the server; the archive's own if left out. */
  readonly base?: string;
  /** The folder to keep it in; the platform's cache folder if left out. */
  readonly cache?: string;
  /** Called for every step and every piece received. */
  readonly onProgress?: (progress: ObtainProgress) => void;
}

/**
 * The unpacked folder of `archive`: from the cache or, the first time, from the
 * server. An archive that was put into the cache folder by hand is used as if
 * it had been downloaded.
 *
 * @throws Error as {@linkcode download} and {@linkcode unpack} do
 */
export async function obtain(
  archive: Archive,
  options: ObtainOptions = {},
): Promise<string> {
  const { cache = cacheFolder(), onProgress } = options;
  const { base = archive.base ?? OFFICIAL_BASE } = options;
  const folder = `${cache}/${archive.folder}`;
  if (await fileInfo(folder)) return folder;
  const path = `${cache}/${archive.file}`;
  await makeFolder(cache);
  using _lock = await lockFile(`${path}.lock`, {
    onTaken: () => onProgress?.({ stage: "waiting" }),
  });
  // Another process may have finished while this one waited.
  if (await fileInfo(folder)) return folder;
  const url = `${base.replace(/\/$/, "")}/${archive.file}`;
  await download({ ...archive, url }, path, options);
  onProgress?.({ stage: "unpacking" });
  await unpack(path, { folder: archive.folder, into: cache });
  await Deno.remove(path);
  return folder;
}
