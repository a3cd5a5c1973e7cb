// Data sets from arrays, for images that this project has no loader for. Everything is
// checked and copied here, so that later code can rely on it and does not change the
// caller's arrays.

import {
  checkDataset,
  type Dataset,
  type ImageShape,
  type Labels,
  newLabels,
  type Split,
} from "./dataset.ts";

/** Images and labels as the caller has them. */
export interface ArraySplit {
  /** (count, height, width, C) or (count, C, height, width), 0 to 255. */
  readonly images: Uint8Array | Uint8ClampedArray;
  /** (count), each a class index. */
  readonly labels: ArrayLike<number>;
}

/** Options of {@linkcode datasetFromArrays}. */
export interface ArrayDataset {
  /** A short name, such as "flowers". */
  readonly name: string;
  /** A name for reports; `name` if left out. */
  readonly title?: string;
  /** The name of class k at index k; 2 to 65,536 of them. */
  readonly classNames: readonly string[];
  /** The number of rows of each image. */
  readonly height: number;
  /** The number of columns of each image. */
  readonly width: number;
  /** C, such as 1 for grey; 3, for red, green and blue, if left out. */
  readonly channels?: number;
  /**
   * Where a pixel's channels stand: side by side ("interleaved", as
   * in canvases and most image libraries) or one plane each ("planar").
   */
  readonly layout: "interleaved" | "planar";
  /** The training images. */
  readonly train: ArraySplit;
  /** The test images, which only measure accuracy. */
  readonly test: ArraySplit;
  /** Notes for readers of the results, one sentence each. */
  readonly notes?: readonly string[];
}

/**
 * A data set with copies of the given arrays.
 *
 * @throws TypeError when the arrays' sizes disagree with the image size
 * @throws RangeError when a label is not the index of a class
 */
export function datasetFromArrays(arrays: ArrayDataset): Dataset {
  const { name, title = name, height, width, layout, notes = [] } = arrays;
  const { channels = 3 } = arrays;
  const shape: ImageShape = { channels, height, width };
  const split = (name: "train" | "test"): Split =>
    splitFromArrays(arrays[name], {
      what: `the ${name} split of ${title}`,
      shape,
      classes: arrays.classNames.length,
      layout,
    });
  const dataset: Dataset = {
    name,
    title,
    classNames: [...arrays.classNames],
    shape,
    train: split("train"),
    test: split("test"),
    notes: [...notes],
  };
  checkDataset(dataset);
  return dataset;
}

/** How to read arrays, and what to call them in errors. */
export interface SplitReading extends Pick<ArrayDataset, "layout"> {
  readonly what: string;
  readonly shape: ImageShape;
  readonly classes: number;
}

/**
 * Copies of images and labels in a data set's order, not checked further.
 *
 * @throws RangeError when a label is no whole number that labels may be
 */
export function splitFromArrays(
  { images, labels }: ArraySplit,
  { what, shape, classes, layout }: SplitReading,
): Split {
  return {
    images: layout === "planar"
      ? new Uint8Array(images)
      : planar(images, { shape, into: new Uint8Array(images.length) }),
    labels: copied(labels, { what, classes }),
    count: labels.length,
  };
}

/** A copy of labels, refusing those that it would change. */
function copied(
  labels: ArrayLike<number>,
  { what, classes }: Pick<SplitReading, "what" | "classes">,
): Labels {
  const copy = newLabels(labels.length, { classes });
  copy.set(labels);
  const wrong = copy.findIndex((label, i) => label !== labels[i]);
  if (wrong >= 0) {
    const limit = 2 ** (8 * copy.BYTES_PER_ELEMENT);
    throw new RangeError(
      `Cannot use ${what}: expected labels to be class indices below ${limit} ` +
        `but found ${labels[wrong]} at image ${wrong}`,
    );
  }
  return copy;
}

/** (count, height, width, C) to (count, C, height, width). */
export function planar<T extends Uint8Array | Float32Array>(
  interleaved: ArrayLike<number>,
  { shape: { channels, height, width }, into }: {
    readonly shape: ImageShape;
    readonly into: T;
  },
): T {
  const pixels = height * width;
  let written = 0;
  for (let image = 0; image < into.length; image += channels * pixels) {
    for (let channel = image; channel < image + channels; channel++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        into[written++] = interleaved[channel + channels * pixel]!;
      }
    }
  }
  return into;
}
