// Decoded images kept in one file, so that a set of a hundred thousand JPEGs takes a
// minute once and a second from then on.
//
// A cache records its sources: every file's path, size and time of change, and how it was
// decoded. It is used if these are unchanged and its own SHA-256 is right, and otherwise
// written again. There is one file for each folder and image size,
// so that old ones do not pile up.

import { writeAtomically } from "../base/atomic_write.ts";
import {
  bytesOf,
  imageBytes,
  type ImageShape,
  sha256,
  type Split,
} from "./dataset.ts";
import { fileInfo } from "../base/disk.ts";
import type { ImageListing } from "./image_listing.ts";

/** Changed with whatever changes the decoded bytes. */
const FORMAT = "frpat-images-2";

/** The header's bytes are a multiple of this, with spaces at its end. */
const HEADER_UNIT = 1024;

/** Most bytes of a header. */
const LONGEST_HEADER = 64 * HEADER_UNIT;

/** Both splits, decoded. */
export interface DecodedImages {
  readonly shape: ImageShape;
  readonly train: Split;
  readonly test: Split;
  /** Notes about files that were left out. */
  readonly notes: readonly string[];
}

/** The header of a cache file: a line of JSON before the bytes. */
interface Header {
  readonly format: string;
  /** The SHA-256 of its sources. */
  readonly source: string;
  /** The SHA-256 of the bytes behind the header. */
  readonly contents: string;
  readonly shape: ImageShape;
  /** Numbers of images. */
  readonly train: number;
  readonly test: number;
  /** Bytes of a label: 2 where there are more than 256 classes. */
  readonly labelBytes: 1 | 2;
  readonly notes: readonly string[];
}

/** The file in `cache` for a set at a size. */
export async function cachePath(
  { name, folder }: ImageListing,
  { cache, size }: { readonly cache: string; readonly size: number | null },
): Promise<string> {
  const place = await Deno.realPath(folder);
  const hash = await textHash(`${place}\n${size}`);
  return `${cache}/${name}-${size ?? "original"}-${hash.slice(0, 16)}.images`;
}

/** The SHA-256 of what the decoded images follow from. */
export async function sourceState(
  { folder, train, test }: ImageListing,
  size: number | null,
): Promise<string> {
  const lines = [`${FORMAT} ${size}`];
  for (const { path, label } of [...train, ...test]) {
    const name = path.slice(folder.length);
    lines.push(`${name}\t${label}\t${fileState(path)}`);
  }
  lines.push(`${train.length} ${test.length}`);
  return await textHash(lines.join("\n"));
}

/** Size and time of change of a file, if it can be found. */
function fileState(path: string): string {
  try {
    const { size, mtime } = Deno.statSync(path);
    return `${size}\t${mtime?.getTime()}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return "unknown";
  }
}

/**
 * The images in a cache file, or why there are none: it is missing, made of another
 * state of the source, or damaged.
 */
export async function readCache(
  path: string,
  source: string,
): Promise<DecodedImages | "missing" | "outdated" | "damaged"> {
  if (!await fileInfo(path)) return "missing";
  const bytes = await Deno.readFile(path);
  const found = readHeader(bytes);
  if (!found) return "damaged";
  const { header, size } = found;
  if (header.format !== FORMAT || header.source !== source) return "outdated";
  const contents = bytes.subarray(size);
  const { shape, train, test, labelBytes, notes } = header;
  const each = imageBytes(shape) + labelBytes;
  const isWhole = contents.length === (train + test) * each &&
    await sha256(contents) === header.contents;
  if (!isWhole) return "damaged";
  const [first, second] = [train, test].map((count, i): Split => {
    const start = i === 0 ? 0 : train * each;
    const end = start + count * imageBytes(shape);
    const labels = contents.subarray(end, end + count * labelBytes);
    return {
      images: contents.subarray(start, end),
      // A copy begins at a multiple of two bytes.
      labels: labelBytes === 1
        ? labels
        : new Uint16Array(labels.slice().buffer),
      count,
    };
  });
  return { shape, train: first!, test: second!, notes };
}

/** Writes a cache file, whole or not at all. */
export async function writeCache(
  path: string,
  { source, images: { shape, train, test, notes } }: {
    readonly source: string;
    readonly images: DecodedImages;
  },
): Promise<void> {
  // One buffer for all of it: a set may take a good part of the memory there is.
  const labels = [train, test].map(({ labels }) => bytesOf(labels));
  const parts = [train.images, labels[0]!, test.images, labels[1]!];
  const header: Omit<Header, "contents"> = {
    format: FORMAT,
    source,
    shape,
    train: train.count,
    test: test.count,
    labelBytes: train.labels.BYTES_PER_ELEMENT as 1 | 2,
    notes,
  };
  // Room for the SHA-256, its name and the end of the line.
  const length = textBytes(JSON.stringify(header)).length + 100;
  const start = Math.ceil(length / HEADER_UNIT) * HEADER_UNIT;
  const size = parts.reduce((sum, { length }) => sum + length, start);
  const bytes = new Uint8Array(size);
  let at = start;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const contents = await sha256(bytes.subarray(start));
  bytes.fill(" ".charCodeAt(0), 0, start);
  bytes.set(textBytes(JSON.stringify({ ...header, contents })));
  bytes[start - 1] = NEW_LINE;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await writeAtomically(path, bytes);
}

const NEW_LINE = 0x0a;

/** The first line, and its size in bytes. */
function readHeader(
  bytes: Uint8Array,
): { readonly header: Header; readonly size: number } | undefined {
  const end = bytes.subarray(0, LONGEST_HEADER).indexOf(NEW_LINE);
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
    const isHeader = typeof header?.format === "string";
    return isHeader ? { header, size: end + 1 } : undefined;
  } catch {
    return undefined;
  }
}

function textBytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function textHash(text: string): Promise<string> {
  return sha256(textBytes(text));
}
