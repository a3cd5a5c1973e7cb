// From a listing of image files to a data set: decoded, brought to one size, and
// kept in the cache folder for the next time.

import { cacheFolder } from "../base/cache.ts";
import {
  checkDataset,
  type Dataset,
  imageBytes,
  type ImageShape,
  type Split,
} from "./dataset.ts";
import { decodeImage } from "./decode_image.ts";
import type { Pixels } from "./pixels.ts";
import {
  cachePath,
  type DecodedImages,
  readCache,
  sourceState,
  writeCache,
} from "./image_cache.ts";
import type { ImageListing, LabeledFile } from "./image_listing.ts";
import { resizedSquare } from "./resize.ts";

/** What loading images is doing. */
export type ImageProgress =
  | {
    readonly stage: "decoding";
    /** Images decoded so far. */
    readonly done: number;
    readonly total: number;
  }
  /** The cache is not what it should be, or cannot be written. */
  | { readonly stage: "cache"; readonly problem: string };

/** How images are loaded. */
export interface ImageLoading {
  /**
   * Rows and columns that every image is brought to, as torchvision does it; null
   * for images that have one size already.
   */
  readonly size: number | null;
  /** Where decoded images are kept; the platform's cache folder if left out. */
  readonly cache?: string;
  /** Called now and then. */
  readonly onProgress?: (progress: ImageProgress) => void;
}

/** Images between two reports of progress. */
const REPORT_EVERY = 500;

/**
 * The images of a listing.
 *
 * @throws {RangeError} for a size that is none.
 * @throws {Error} naming the file that is no whole image, or of another size.
 */
export async function loadImages(
  listing: ImageListing,
  options: ImageLoading,
): Promise<Dataset> {
  const { size, onProgress } = options;
  checkSize(listing, size);
  const { name, title, classNames, notes } = listing;
  const source = await sourceState(listing, size);
  const path = await cacheFor(listing, options);
  const cached = path === null ? "missing" : await readCache(path, source);
  const images = typeof cached === "string"
    ? await decodeAll(listing, options)
    : cached;
  if (cached === "damaged") {
    const problem = `${path} was damaged and is replaced`;
    onProgress?.({ stage: "cache", problem });
  }
  if (path !== null && images !== cached) {
    try {
      await writeCache(path, { source, images });
    } catch (error) {
      // Without a cache everything works, only slower the next time.
      const problem = (error as Error).message;
      onProgress?.({ stage: "cache", problem });
    }
  }
  const dataset: Dataset = { name, title, classNames, notes, ...images };
  checkDataset(dataset);
  return dataset;
}

/** The extent of a listing's images, of which at most one is looked at. */
export async function shapeOf(
  listing: ImageListing,
  size: number | null,
): Promise<ImageShape> {
  checkSize(listing, size);
  if (size !== null) return shapeFrom({ height: size, width: size });
  return shapeFrom(await read(listing.train[0]!.path));
}

function checkSize({ title }: ImageListing, size: number | null): void {
  if (size === null || Number.isSafeInteger(size) && size >= 1) return;
  throw new RangeError(
    `Cannot resize the images of ${title}: expected a size of whole pixels, ` +
      `at least 1, but found ${size}`,
  );
}

/** The cache file of a listing; null where there is no place for one. */
async function cacheFor(
  listing: ImageListing,
  { size, cache, onProgress }: ImageLoading,
): Promise<string | null> {
  try {
    return await cachePath(listing, { cache: cache ?? cacheFolder(), size });
  } catch (error) {
    onProgress?.({ stage: "cache", problem: (error as Error).message });
    return null;
  }
}

async function decodeAll(
  listing: ImageListing,
  options: ImageLoading,
): Promise<DecodedImages> {
  const { train, test } = listing;
  const shape = await shapeOf(listing, options.size);
  const first = train[0]!.path;
  const total = train.length + test.length;
  let done = 0;
  const decode = async (files: readonly LabeledFile[]): Promise<Split> => {
    const bytes = imageBytes(shape);
    const images = new Uint8Array(files.length * bytes);
    for (const [i, { path }] of files.entries()) {
      if (done++ % REPORT_EVERY === 0) {
        options.onProgress?.({ stage: "decoding", done: done - 1, total });
      }
      const image = await read(path);
      const fitted = options.size === null
        ? image
        : resizedSquare(image, options.size);
      checkShape(fitted, { shape, path, first });
      images.set(planar(fitted), i * bytes);
    }
    const labels = Uint8Array.from(files, ({ label }) => label);
    return { images, labels, count: files.length };
  };
  return { shape, train: await decode(train), test: await decode(test) };
}

/** Small files are read much faster by a call that does not wait for a thread. */
function read(path: string): Promise<Pixels> {
  return decodeImage(Deno.readFileSync(path), path);
}

function checkShape(
  { height, width }: Pixels,
  { shape, path, first }: {
    readonly shape: ImageShape;
    readonly path: string;
    readonly first: string;
  },
): void {
  if (height === shape.height && width === shape.width) return;
  throw new Error(
    `Cannot use ${path}: expected ${shape.height} x ${shape.width} pixels, as ` +
      `in ${first}, but found ${height} x ${width}; a size in the data set's ` +
      "configuration, such as --set data.size=32, brings all images to it",
  );
}

function shapeFrom({ height, width }: Omit<Pixels, "data">): ImageShape {
  return { channels: 3, height, width };
}

/** (pixels, 3) to (3, pixels). */
function planar({ data }: Pixels): Uint8Array {
  const pixels = data.length / 3;
  const out = new Uint8Array(data.length);
  for (let i = 0, from = 0; i < pixels; i++) {
    out[i] = data[from++]!;
    out[i + pixels] = data[from++]!;
    out[i + 2 * pixels] = data[from++]!;
  }
  return out;
}
