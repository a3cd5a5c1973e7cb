// Decodes the files of a listing as the images of a data set, in one size and in its planar
// order. A file that cannot be read does not end an hour of work: it is left out, counted
// and named, unless the caller is strict.

import { bytesText } from "../base/amounts.ts";
import { UserError } from "../base/errors.ts";
import {
  imageBytes,
  type ImageShape,
  type Labels,
  newLabels,
  type Split,
} from "./dataset.ts";
import { decodeImage } from "./decode_image.ts";
import type { DecodedImages } from "./image_cache.ts";
import {
  firstNames,
  type ImageListing,
  type LabeledFile,
  type Strictness,
} from "./image_listing.ts";
import type { Pixels } from "./pixels.ts";
import { readImageFile } from "./read_image_file.ts";
import { resizedSquare } from "./resize.ts";

/** The progress of decoding. */
export interface DecodingProgress {
  /** Tells it from other progress. */
  readonly stage: "decoding";
  /** Images decoded so far. */
  readonly done: number;
  /** Images to decode in all. */
  readonly total: number;
}

/** How files are decoded. */
export interface Decoding extends Strictness {
  /** The extent that all images must have, or are brought to. */
  readonly shape: ImageShape;
  /** The side of the squares that they are brought to; null for none. */
  readonly size: number | null;
  /** Called now and then. */
  readonly onProgress?: (progress: DecodingProgress) => void;
}

/** Images between two reports of progress. */
const REPORT_EVERY = 500;

/** A file that cannot be read. */
interface FileProblem {
  readonly path: string;
  readonly error: UserError;
}

/**
 * The images of a listing.
 *
 * @throws {UserError} naming the file that has another size, or the first one where none
 * of a split can be read or, if `strict`, one cannot.
 */
export async function decodeListing(
  listing: ImageListing,
  decoding: Decoding,
): Promise<DecodedImages> {
  const problems: FileProblem[] = [];
  const train = await decodeSplit("train", { listing, decoding, problems });
  const test = await decodeSplit("test", { listing, decoding, problems });
  const { shape } = decoding;
  const notes = problemNotes(listing, { problems, train, test });
  return { shape, train, test, notes };
}

async function decodeSplit(
  name: "train" | "test",
  { listing, decoding, problems }: {
    readonly listing: ImageListing;
    readonly decoding: Decoding;
    readonly problems: FileProblem[];
  },
): Promise<Split> {
  const { shape, onProgress } = decoding;
  const { train, test, classNames } = listing;
  const files: readonly LabeledFile[] = listing[name];
  const total = train.length + test.length;
  const before = name === "train" ? 0 : train.length;
  const bytes = imageBytes(shape);
  const images = allocated(files.length * bytes, listing);
  const labels = newLabels(files.length, { classes: classNames.length });
  let count = 0;
  for (const [i, { path, label }] of files.entries()) {
    const done = before + i;
    if (done % REPORT_EVERY === 0) {
      onProgress?.({ stage: "decoding", done, total });
    }
    const image = await decodeFile(path, { decoding, problems });
    if (image === null) continue;
    checkShape(image, { shape, path, listing });
    images.set(planar(image), count * bytes);
    labels[count++] = label;
  }
  if (count === 0 && files.length > 0) throw problems[0]!.error;
  return {
    images: images.subarray(0, count * bytes),
    labels: labels.subarray(0, count) as Labels,
    count,
  };
}

/** The pixels of a file at its final size; null, and a problem, for a bad file. */
async function decodeFile(
  path: string,
  { decoding: { size, strict }, problems }: {
    readonly decoding: Decoding;
    readonly problems: FileProblem[];
  },
): Promise<Pixels | null> {
  try {
    const image = await decodeImage(readImageFile(path), path);
    return size === null ? image : resizedSquare(image, size);
  } catch (error) {
    if (strict || !(error instanceof UserError)) throw error;
    problems.push({ path, error });
    return null;
  }
}

/** A note on files that are left out, and on how many images remain. */
function problemNotes(
  { folder }: ImageListing,
  { problems, train, test }: Pick<DecodedImages, "train" | "test"> & {
    readonly problems: readonly FileProblem[];
  },
): string[] {
  const [first] = problems;
  if (!first) return [];
  const names = problems.map(({ path }) => path.slice(folder.length + 1));
  const [count, training, tested] = [
    problems.length,
    train.count,
    test.count,
  ].map((count) => count.toLocaleString("en-US"));
  return [
    `Images that cannot be read are left out, ${count} in all, which leaves ` +
    `${training} training images and ${tested} test images: ` +
    `${firstNames(names)}. ${first.error.message}.`,
  ];
}

/** Room for all images of a split. */
function allocated(
  bytes: number,
  { title }: ImageListing,
): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (error) {
    throw new UserError(
      `Cannot load ${title}: expected memory for ${
        bytesText(bytes)
      } of pixels ` +
        "but found less; a smaller size in the data set's configuration, such " +
        "as --set data.size=32, needs less",
      { cause: error },
    );
  }
}

function checkShape(
  { height, width }: Pixels,
  { shape, path, listing }: {
    readonly shape: ImageShape;
    readonly path: string;
    readonly listing: ImageListing;
  },
): void {
  if (height === shape.height && width === shape.width) return;
  const first = listing.train[0]!.path;
  throw new UserError(
    `Cannot use ${path}: expected ${shape.height} x ${shape.width} pixels, as ` +
      `in ${first}, but found ${height} x ${width}; a size in the data set's ` +
      "configuration, such as --set data.size=32, brings all images to it",
  );
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
