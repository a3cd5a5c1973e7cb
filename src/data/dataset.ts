// Data sets in memory: bytes in CIFAR's order (planar within an image, images one after
// another), and one byte per label, or two for more than 256 classes. Images stay bytes on
// the host, and a kernel converts a batch to numbers in [0, 1], so that a data set takes a
// quarter of its floating-point size.
//
// A validation set is always the last images and never a random choice: two runs with
// different seeds must train on the same images.

/** The extent of one image. */
export interface ImageShape {
  /** Numbers of a pixel: 3 for red, green and blue, 1 for grey. */
  readonly channels: number;
  /** The number of rows. */
  readonly height: number;
  /** The number of columns. */
  readonly width: number;
}

/** Class indices: bytes, or 16 bits each for more than 256 classes. */
export type Labels = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** Most classes that a data set may have. */
export const MOST_CLASSES: number = 2 ** 16;

/** Zeros as labels of `classes` classes. */
export function newLabels(
  count: number,
  { classes }: { readonly classes: number },
): Labels {
  return classes > 256 ? new Uint16Array(count) : new Uint8Array(count);
}

/** Images and their labels, in a fixed order. */
export interface Split {
  /** (count, channels, height, width), 0 to 255. */
  readonly images: Uint8Array<ArrayBuffer>;
  /** (count), each below the number of classes. */
  readonly labels: Labels;
  /** The number of images. */
  readonly count: number;
}

/** A labeled training and test set. */
export interface Dataset {
  /** The name in file names and on the command line, such as "cifar10". */
  readonly name: string;
  /** The name in reports, such as "CIFAR-10". */
  readonly title: string;
  /** The name of class k at index k. */
  readonly classNames: readonly string[];
  /** The extent of every image in both splits. */
  readonly shape: ImageShape;
  /** The training images. */
  readonly train: Split;
  /** The test images, which only measure accuracy. */
  readonly test: Split;
  /** Notes for readers of the results, one sentence each; often empty. */
  readonly notes: readonly string[];
}

/** The number of bytes of one image. */
export function imageBytes({ channels, height, width }: ImageShape): number {
  return channels * height * width;
}

/**
 * Checks that both splits have images, that their sizes agree with the shape
 * and that every label names a class.
 *
 * @throws TypeError when sizes disagree
 * @throws RangeError when a label is out of range
 */
export function checkDataset(dataset: Dataset): void {
  const { title, classNames, shape } = dataset;
  const { channels, height, width } = shape;
  if (![channels, height, width].every(isCount)) {
    throw new RangeError(
      `Cannot use ${title}: expected whole image sizes of at least 1 but ` +
        `found ${height} x ${width} of ${channels} channels`,
    );
  }
  if (classNames.length < 2 || classNames.length > MOST_CLASSES) {
    throw new RangeError(
      `Cannot use ${title}: expected 2 to ${MOST_CLASSES} classes but found ` +
        `${classNames.length}`,
    );
  }
  const classes = classNames.length;
  for (const name of ["train", "test"] as const) {
    const what = `the ${name} split of ${title}`;
    checkSplit(dataset[name], { what, shape, classes });
  }
}

/** The expected shape and classes of a split, and its name in errors. */
export interface SplitExpectation {
  readonly what: string;
  readonly shape: ImageShape;
  readonly classes: number;
}

/**
 * Checks that a split has images, and that sizes and labels agree.
 *
 * @throws TypeError when sizes disagree
 * @throws RangeError when a label is out of range
 */
export function checkSplit(
  { images, labels, count }: Omit<Split, "images"> & {
    readonly images: { readonly length: number };
  },
  { what, shape, classes }: SplitExpectation,
): void {
  if (!isCount(count)) {
    throw new TypeError(
      `Cannot use ${what}: expected at least 1 image but found ${count}`,
    );
  }
  if (labels.length !== count) {
    throw new TypeError(
      `Cannot use ${what}: expected ${count} labels but found ${labels.length}`,
    );
  }
  const { channels, height, width } = shape;
  const bytes = count * channels * height * width;
  if (images.length !== bytes) {
    throw new TypeError(
      `Cannot use ${what}: expected ${bytes} ${
        images instanceof Float32Array ? "numbers" : "bytes"
      } for ${count} images of ` +
        `${channels} x ${height} x ${width} but found ${images.length}`,
    );
  }
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot use ${what}: expected labels from 0 to ${
        classes - 1
      } but found ` +
        `${labels[wrong]} at image ${wrong}`,
    );
  }
}

/**
 * The first `count` images, or all of them where there are fewer. Shares the
 * memory of `split`.
 */
export function take(split: Split, count: number): Split {
  if (!isCount(count)) {
    throw new RangeError(
      `Cannot take images: expected a whole number of at least 1 but found ` +
        `${count}`,
    );
  }
  return range(split, { start: 0, end: Math.min(count, split.count) });
}

/**
 * Splits off the last `count` images, for instance as a validation set. Both
 * parts share the memory of `split`.
 *
 * @throws RangeError unless both parts would have at least one image
 */
export function holdOut(
  split: Split,
  count: number,
): { readonly kept: Split; readonly heldOut: Split } {
  if (!isCount(count) || count >= split.count) {
    throw new RangeError(
      `Cannot hold out images: expected a whole number from 1 to ` +
        `${split.count - 1} of the ${split.count} images but found ${count}`,
    );
  }
  const cut = split.count - count;
  return {
    kept: range(split, { start: 0, end: cut }),
    heldOut: range(split, { start: cut, end: split.count }),
  };
}

function range(
  { images, labels, count }: Split,
  { start, end }: { readonly start: number; readonly end: number },
): Split {
  const bytes = images.length / count;
  return {
    images: images.subarray(start * bytes, end * bytes),
    labels: labels.subarray(start, end),
    count: end - start,
  };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

/**
 * The SHA-256 of everything that a network sees of `dataset`, in hexadecimal,
 * for the record of a run. It covers the shape and, one after the other, the
 * digests of the images and labels of both splits; names are left out.
 */
export async function contentHash(dataset: Dataset): Promise<string> {
  const { shape, train, test } = dataset;
  const lines = [`${shape.channels}x${shape.height}x${shape.width}`];
  for (const { images, labels } of [train, test]) {
    lines.push(await sha256(images), await sha256(bytesOf(labels)));
  }
  return await sha256(new TextEncoder().encode(lines.join("\n")));
}

/** The bytes of labels. Shares their memory. */
export function bytesOf(
  { buffer, byteOffset, byteLength }: Labels,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The SHA-256 of `bytes` in hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}
