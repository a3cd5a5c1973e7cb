// Test images with common corruptions (Hendrycks and Dietterich, "Benchmarking neural
// network robustness to common corruptions and perturbations", ICLR 2019), in the files of
// CIFAR-10-C and CIFAR-100-C: one array of bytes (5 N, H, W, 3) for each corruption, the N
// test images at severity 1, then at severity 2, and so on, and their labels (5 N) in
// labels.npy. All files together are gigabytes: one severity of one corruption is read at
// a time.

import { fileInfo } from "../base/disk.ts";
import { UserError } from "../base/errors.ts";
import {
  imageBytes,
  type ImageShape,
  type Labels,
  newLabels,
  type Split,
} from "./dataset.ts";
import {
  type NpyFile,
  readNpyHeader,
  readNpyNumbers,
  readNpyRows,
} from "./npy.ts";

/** The fifteen corruptions that a mean is of, in their authors' order. */
export const STANDARD_CORRUPTIONS: readonly string[] = [
  "gaussian_noise",
  "shot_noise",
  "impulse_noise",
  "defocus_blur",
  "glass_blur",
  "motion_blur",
  "zoom_blur",
  "snow",
  "frost",
  "fog",
  "brightness",
  "contrast",
  "elastic_transform",
  "pixelate",
  "jpeg_compression",
];

/** The four further ones, meant for choosing settings; not part of the mean. */
export const EXTRA_CORRUPTIONS: readonly string[] = [
  "speckle_noise",
  "gaussian_blur",
  "spatter",
  "saturate",
];

/** The degrees of each corruption, counted from 1. */
export const SEVERITIES = 5;

/** The file with the labels. */
const LABELS = "labels.npy";

/** The images that a folder has to have. */
export interface CorruptionsExpected {
  /** The data set's name in errors. */
  readonly title: string;
  readonly shape: ImageShape;
  readonly classes: number;
}

/** A place in the files. */
export interface CorruptionPlace {
  readonly corruption: string;
  /** From 1 to 5. */
  readonly severity: number;
  /** Images from the first on; at most `count`. */
  readonly limit: number;
}

/** Corrupted images in a folder. */
export interface CorruptedImages {
  /** The fifteen, then those of the four that the folder has. */
  readonly names: readonly string[];
  /** Images of one severity. */
  readonly count: number;
  readonly shape: ImageShape;
  /** Reads images of one severity of one corruption. */
  read(place: CorruptionPlace): Promise<Split>;
}

/**
 * Opens a folder of corrupted images, and looks at every file: its type, its shape, and
 * whether it is whole. `folder` is the folder of the files, or holds it.
 *
 * @throws {UserError} naming the file that is missing, cut off, or of other images.
 */
export async function openCorruptions(
  folder: string,
  expected: CorruptionsExpected,
): Promise<CorruptedImages> {
  const { shape } = expected;
  const path = await folderOfFiles(folder, expected);
  const labels = await readLabels(`${path}/${LABELS}`, expected);
  const count = labels.length / SEVERITIES;
  const files = new Map<string, NpyFile>();
  for (const name of [...STANDARD_CORRUPTIONS, ...EXTRA_CORRUPTIONS]) {
    const file = `${path}/${name}.npy`;
    const isExtra = EXTRA_CORRUPTIONS.includes(name);
    if (isExtra && !await fileInfo(file)) continue;
    const header = await readNpyHeader(file);
    checkImages(header, { ...expected, images: labels.length });
    files.set(name, header);
  }
  return {
    names: [...files.keys()],
    count,
    shape,
    async read({ corruption, severity, limit }) {
      const start = (severity - 1) * count, end = start + limit;
      const rows = await readNpyRows(files.get(corruption)!, { start, end });
      return {
        images: planes(rows, shape),
        labels: labels.slice(start, end),
        count: limit,
      };
    },
  };
}

async function folderOfFiles(
  folder: string,
  { title }: CorruptionsExpected,
): Promise<string> {
  for (const path of [folder, `${folder}/${title}-C`]) {
    if ((await fileInfo(`${path}/${LABELS}`))?.isFile) return path;
  }
  throw new UserError(
    `Cannot use ${folder}: expected the files of ${title}-C, such as ${LABELS}, ` +
      "but found none there",
  );
}

async function readLabels(
  path: string,
  { classes }: CorruptionsExpected,
): Promise<Labels> {
  const header = await readNpyHeader(path);
  const [count = 0, ...rest] = header.shape;
  if (rest.length > 0 || count === 0 || count % SEVERITIES !== 0) {
    throw new UserError(
      `Cannot use ${path}: expected one label for each image at ${SEVERITIES} ` +
        `severities but found the shape (${header.shape.join(", ")})`,
    );
  }
  const labels = newLabels(count, { classes });
  const numbers = await readNpyNumbers(header);
  numbers.forEach((label, i) => {
    if (label >= 0 && label < classes) labels[i] = label;
    else {
      throw new UserError(
        `Cannot use ${path}: expected labels from 0 to ${
          classes - 1
        } but found ` +
          `${label} at image ${i}`,
      );
    }
  });
  return labels;
}

function checkImages(
  { path, type, shape }: NpyFile,
  { title, shape: { height, width, channels }, images }: CorruptionsExpected & {
    readonly images: number;
  },
): void {
  const expected = [images, height, width, channels].join(", ");
  const found = shape.join(", ");
  if (type === "|u1" && found === expected) return;
  throw new UserError(
    `Cannot use ${path}: expected bytes (${expected}), as the labels and the ` +
      `images of ${title} are, but found ${type} (${found})`,
  );
}

/** Pixels one after another as planes one after another, image by image. */
function planes(
  pixels: Uint8Array<ArrayBuffer>,
  shape: ImageShape,
): Uint8Array<ArrayBuffer> {
  const { channels } = shape;
  const size = imageBytes(shape), area = size / channels;
  const result = new Uint8Array(pixels.length);
  for (let image = 0; image < pixels.length; image += size) {
    for (let i = 0; i < size; i++) {
      const place = image + (i % channels) * area + Math.floor(i / channels);
      result[place] = pixels[image + i]!;
    }
  }
  return result;
}
