// Decoded images kept in one file, so that a set of a hundred thousand JPEGs takes a
// minute once and a second from then on.
//
// A cache says what it was made of: every file's path, size and time of change,
// and how it was decoded. It is used while that is still so, and its own SHA-256
// is right; else it is made anew. There is one file for each folder and image size,
// so that old ones do not pile up.

import { writeAtomically } from "../base/atomic_write.ts";
import { imageBytes, type ImageShape, sha256, type Split } from "./dataset.ts";
import { fileInfo } from "../base/disk.ts";
import type { ImageListing } from "./image_listing.ts";

/** Changed with whatever changes the decoded bytes. */
const FORMAT = "frpat-images-1";

/** Bytes of the header, with spaces at its end. */
const HEADER_BYTES = 1024;

/** Both splits, decoded. */
export interface DecodedImages {
  readonly shape: ImageShape;
  readonly train: Split;
  readonly test: Split;
}

/** What a cache file says of itself: a line of JSON before the bytes. */
interface Header {
  readonly format: string;
  /** The SHA-256 of what it was made of. */
  readonly source: string;
  /** The SHA-256 of the bytes behind the header. */
  readonly contents: string;
  readonly shape: ImageShape;
  /** Numbers of images. */
  readonly train: number;
  readonly test: number;
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
    const info = Deno.statSync(path);
    const time = info.mtime?.getTime();
    lines.push(
      `${path.slice(folder.length)}\t${label}\t${info.size}\t${time}`,
    );
  }
  lines.push(`${train.length} ${test.length}`);
  return await textHash(lines.join("\n"));
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
  const header = readHeader(bytes.subarray(0, HEADER_BYTES));
  if (!header) return "damaged";
  if (header.format !== FORMAT || header.source !== source) return "outdated";
  const contents = bytes.subarray(HEADER_BYTES);
  const { shape, train, test } = header;
  const counts = (train + test) * (imageBytes(shape) + 1);
  const whole = contents.length === counts &&
    await sha256(contents) === header.contents;
  if (!whole) return "damaged";
  const [first, second] = [train, test].map((count, i): Split => {
    const start = i === 0 ? 0 : train * (imageBytes(shape) + 1);
    const labels = start + count * imageBytes(shape);
    return {
      images: contents.subarray(start, labels),
      labels: contents.subarray(labels, labels + count),
      count,
    };
  });
  return { shape, train: first!, test: second! };
}

/** Writes a cache file, whole or not at all. */
export async function writeCache(
  path: string,
  { source, images: { shape, train, test } }: {
    readonly source: string;
    readonly images: DecodedImages;
  },
): Promise<void> {
  // One buffer for all of it: a set may take a good part of the memory there is.
  const parts = [train.images, train.labels, test.images, test.labels];
  const size = parts.reduce((sum, { length }) => sum + length, HEADER_BYTES);
  const bytes = new Uint8Array(size);
  let at = HEADER_BYTES;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const contents = bytes.subarray(HEADER_BYTES);
  const header: Header = {
    format: FORMAT,
    source,
    contents: await sha256(contents),
    shape,
    train: train.count,
    test: test.count,
  };
  const line = `${JSON.stringify(header).padEnd(HEADER_BYTES - 1)}\n`;
  bytes.set(new TextEncoder().encode(line));
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await writeAtomically(path, bytes);
}

function readHeader(line: Uint8Array): Header | undefined {
  try {
    const header = JSON.parse(new TextDecoder().decode(line));
    return typeof header?.format === "string" ? header : undefined;
  } catch {
    return undefined;
  }
}

function textHash(text: string): Promise<string> {
  return sha256(new TextEncoder().encode(text));
}
