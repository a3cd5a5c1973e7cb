// Loads a listing of image files as a data set: images are decoded, resized, and kept in the
// cache folder for the next time.

import { UserError } from "../base/errors.ts";
import { cacheFolder } from "../base/cache.ts";
import { checkDataset, type Dataset, type ImageShape } from "./dataset.ts";
import { imageExtent } from "./decode_image.ts";
import { decodeListing, type DecodingProgress } from "./decode_listing.ts";
import {
  cachePath,
  type DecodedImages,
  readCache,
  sourceState,
  writeCache,
} from "./image_cache.ts";
import type { ImageListing, Strictness } from "./image_listing.ts";
import type { Extent } from "./pixels.ts";
import { readImageFile } from "./read_image_file.ts";

/** The progress of loading images. */
export type ImageProgress =
  | DecodingProgress
  /** The cache is not what it should be, or cannot be written. */
  | { readonly stage: "cache"; readonly problem: string };

/** How images are loaded. */
export interface ImageLoading extends Strictness {
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

/**
 * The images of a listing.
 *
 * @throws {RangeError} for a size that is no whole number of at least 1.
 * @throws {UserError} naming the file that has another size or, if `strict`, is no whole image.
 */
export async function loadImages(
  listing: ImageListing,
  options: ImageLoading,
): Promise<Dataset> {
  const { name, title, classNames, notes } = listing;
  const images = await loadListing(listing, options);
  const dataset: Dataset = {
    name,
    title,
    classNames,
    ...images,
    notes: [...notes, ...images.notes],
  };
  checkDataset(dataset);
  return dataset;
}

/**
 * The images of a listing, from the cache or their files; either split may be empty.
 * Errors are those of {@linkcode loadImages}.
 */
export async function loadListing(
  listing: ImageListing,
  options: ImageLoading,
): Promise<DecodedImages> {
  const { size, onProgress } = options;
  checkSize(listing, size);
  const source = await sourceState(listing, size);
  const path = await cacheFor(listing, options);
  const cached = path === null ? "missing" : await readCache(path, source);
  const isUsable = typeof cached !== "string" &&
    !(options.strict && cached.notes.length > 0);
  const images = isUsable ? cached : await decodeListing(listing, {
    ...options,
    shape: shapeOf(listing, size, options),
  });
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
  return images;
}

/**
 * The extent of a listing's images: of the first one that can be read, of which the
 * header is read, unless a size is given.
 */
export function shapeOf(
  listing: ImageListing,
  size: number | null,
  { strict }: Strictness = {},
): ImageShape {
  checkSize(listing, size);
  if (size !== null) return shapeFrom({ height: size, width: size });
  let first: unknown;
  for (const { path } of listing.train) {
    try {
      return shapeFrom(imageExtent(readImageFile(path), path));
    } catch (error) {
      first ??= error;
      if (strict || !(error instanceof UserError)) throw error;
    }
  }
  throw first;
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

function shapeFrom({ height, width }: Extent): ImageShape {
  return { channels: 3, height, width };
}
