// Images beside those of the data set, from where `data.extra` and `unlabeled` say: a folder,
// a file of tensors, or another data set by its name. All get the data set's shape.

import { UserError } from "../base/errors.ts";
import {
  type Dataset,
  imageBytes,
  type ImageShape,
  newLabels,
  type Split,
} from "../data/dataset.ts";
import { planar } from "../data/arrays.ts";
import type { DatasetKind, DatasetSource } from "../data/dataset_kind.ts";
import { DATASETS } from "../data/datasets.ts";
import { listImageFolder } from "../data/image_folder.ts";
import { loadImages, loadListing } from "../data/load_images.ts";
import { listPlainFolder } from "../data/plain_folder.ts";
import { isTensorPath, readTensor } from "../weights/tensor_file.ts";

/** Which images, and how they are to be. */
export interface ImageSource extends Pick<DatasetSource, "onProgress"> {
  /** A folder, a file of tensors, or a data set's name. */
  readonly from: string;
  /** The file of their labels, where images are in a .npy file. */
  readonly labels?: string | undefined;
  /** The data set that they are added to. */
  readonly dataset: Pick<Dataset, "shape" | "classNames">;
}

/**
 * Images with labels, those of the data set's classes.
 *
 * @throws {UserError} naming what is missing, or has other classes or another shape.
 */
export async function labeledImages(source: ImageSource): Promise<Split> {
  const { from, dataset: { classNames, shape }, onProgress } = source;
  const { length: classes } = classNames;
  if (isTensorPath(from)) {
    const images = await imagesOf(from, shape);
    const labels = await labelsOf(source, { count: images.count, classes });
    return { ...images, labels };
  }
  const known = kindOf(from);
  const more = onProgress ? { onProgress } : {};
  const found = known
    ? await known.load(known.named, more)
    : await loadImages(await listImageFolder(from), {
      size: sizeOf(shape),
      ...more,
    });
  const split = known ? found.train : both(found);
  checkShape(from, { found: found.shape, shape });
  return {
    ...split,
    labels: renamed(split.labels, { from, found, classNames }),
  };
}

/**
 * Images alone.
 *
 * @throws {UserError} naming what is missing, or has another shape.
 */
export async function plainImages(
  { from, dataset: { shape }, onProgress }: Omit<ImageSource, "labels">,
): Promise<Pick<Split, "images" | "count">> {
  if (isTensorPath(from)) return await imagesOf(from, shape);
  const known = kindOf(from);
  const more = onProgress ? { onProgress } : {};
  const found = known
    ? await known.load(known.named, more)
    : await loadListing(await listPlainFolder(from), {
      size: sizeOf(shape),
      ...more,
    });
  checkShape(from, { found: found.shape, shape });
  const { images, count } = found.train;
  return { images, count };
}

/** The kind of a data set's name; null for a path. */
export function kindOf(from: string): DatasetKind | null {
  return Object.hasOwn(DATASETS, from)
    ? DATASETS[from as keyof typeof DATASETS]
    : null;
}

/** The side that files of images are brought to; null where the shape is no square. */
function sizeOf({ height, width }: ImageShape): number | null {
  return height === width ? height : null;
}

/** Both splits of a folder as one. */
function both({ train, test }: Dataset): Split {
  const count = train.count + test.count;
  const images = new Uint8Array(train.images.length + test.images.length);
  images.set(train.images);
  images.set(test.images, train.images.length);
  const labels = train.labels.BYTES_PER_ELEMENT === 1
    ? new Uint8Array(count)
    : new Uint16Array(count);
  labels.set(train.labels);
  labels.set(test.labels, train.count);
  return { images, labels, count };
}

/** Labels by the data set's own numbers of the classes. */
function renamed(
  labels: Split["labels"],
  { from, found, classNames }: {
    readonly from: string;
    readonly found: Dataset;
    readonly classNames: readonly string[];
  },
): Split["labels"] {
  const places = found.classNames.map((name) => {
    const place = classNames.indexOf(name);
    if (place >= 0) return place;
    throw refusal(from, {
      expected: `classes of the data set, such as ${classNames[0]},`,
      found: name,
    });
  });
  const own = newLabels(labels.length, { classes: classNames.length });
  labels.forEach((label, i) => own[i] = places[label]!);
  return own;
}

/** The images of a file of tensors, in a data set's order. */
async function imagesOf(
  path: string,
  shape: ImageShape,
): Promise<Pick<Split, "images" | "count">> {
  const tensor = await readTensor(path, "images");
  const { channels, height, width } = shape;
  const [count = 0, ...rest] = tensor.shape;
  const isPlanar = `${rest}` === `${[channels, height, width]}`;
  if (count < 1 || !isPlanar && `${rest}` !== `${[height, width, channels]}`) {
    throw refusal(path, {
      expected: `images (N, ${height}, ${width}, ${channels}) or ` +
        `(N, ${channels}, ${height}, ${width})`,
      found: `(${tensor.shape.join(", ")})`,
    });
  }
  if (tensor.type !== null && tensor.bytes === null) {
    throw refusal(path, { expected: "bytes (|u1)", found: tensor.type });
  }
  const bytes = tensor.bytes ?? wholeBytes(path, tensor.floats());
  const images = isPlanar
    ? bytes
    : planar(bytes, { shape, into: new Uint8Array(count * imageBytes(shape)) });
  return { images, count };
}

/** Numbers of a safetensors file as the bytes that they have to be. */
function wholeBytes(
  path: string,
  values: Float32Array,
): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(values);
  const wrong = bytes.findIndex((byte, i) => byte !== values[i]);
  if (wrong < 0) return bytes;
  const expected = "whole numbers from 0 to 255";
  throw refusal(path, { expected, found: String(values[wrong]) });
}

/** The labels beside images in a file of tensors. */
async function labelsOf(
  { from, labels: path = from }: ImageSource,
  { count, classes }: { readonly count: number; readonly classes: number },
): Promise<Split["labels"]> {
  if (path === from && /\.npy$/i.test(from)) {
    throw refusal(from, {
      expected: "data.extra.labels, the .npy file of their labels,",
      found: "none",
    });
  }
  const tensor = await readTensor(path, "labels");
  const values = tensor.floats();
  if (tensor.shape.length !== 1 || values.length !== count) {
    throw refusal(path, {
      expected: `a label for each of ${count} images`,
      found: `(${tensor.shape.join(", ")})`,
    });
  }
  const wrong = values.findIndex((one) =>
    !(Number.isInteger(one) && one >= 0 && one < classes)
  );
  if (wrong >= 0) {
    throw refusal(path, {
      expected: `labels from 0 to ${classes - 1}`,
      found: `${values[wrong]} at image ${wrong}`,
    });
  }
  const labels = newLabels(count, { classes });
  labels.set(values);
  return labels;
}

function checkShape(
  from: string,
  { found, shape }: { readonly found: ImageShape; readonly shape: ImageShape },
): void {
  const text = ({ channels, height, width }: ImageShape): string =>
    `${height} x ${width} of ${channels} channels`;
  if (text(found) === text(shape)) return;
  throw refusal(from, {
    expected: `images of ${text(shape)}`,
    found: text(found),
  });
}

function refusal(
  path: string,
  { expected, found }: { readonly expected: string; readonly found: string },
): UserError {
  return new UserError(
    `Cannot add the images of ${path}: expected ${expected} but found ${found}`,
  );
}
