// A split of a data set on the device, as bytes: a quarter of its size as numbers, so that
// only the order of its images is uploaded in an epoch.

import { UserError } from "../base/errors.ts";
import type { TrainingSplit } from "../data/float_images.ts";
import type { Memory } from "../gpu/memory.ts";
import { Variable } from "../graph/tensor.ts";
import type { ImageShape } from "../data/dataset.ts";
import type { ImagesByClass } from "../ops/random/sample_negatives.ts";

/** Variables that hold a split's images, labels and order. */
export class ResidentSplit {
  readonly images: Variable;
  readonly labels: Variable;
  readonly order: Variable;
  /** Soft targets (count, classes); null where images have labels alone. */
  readonly targets: Variable | null;
  /** A teacher's features of each image (count, D); null without. */
  readonly features: Variable | null;
  /** Whether images are kept as numbers instead of bytes. */
  readonly floats: boolean;
  readonly count: number;
  readonly shape: ImageShape;
  #byClass: ImagesByClass | null = null;

  constructor(
    name: string,
    { count, shape, floats = false, targets = 0, ...more }: {
      readonly count: number;
      readonly shape: ImageShape;
      /** Whether images are numbers in [0, 1]; bytes if left out. */
      readonly floats?: boolean;
      /** Classes of soft targets; 0, for none, if left out. */
      readonly targets?: number;
      /** The width of a teacher's features; 0, for none, if left out. */
      readonly features?: number;
      /** Places in the order of an epoch; one for each image if left out. */
      readonly places?: number;
    },
  ) {
    const { channels, height, width } = shape;
    const { features = 0, places = count } = more;
    this.count = count;
    this.shape = shape;
    this.images = new Variable(`${name} images`, [
      Math.ceil(count * channels * height * width / (floats ? 1 : 4)),
    ], "u32");
    this.targets = targets
      ? new Variable(`${name} targets`, [count, targets])
      : null;
    this.features = features
      ? new Variable(`${name} features`, [count, features])
      : null;
    this.floats = floats;
    this.labels = new Variable(`${name} labels`, [count], "u32");
    this.order = new Variable(`${name} order`, [places], "u32");
  }

  /** The images sorted by class. Call this before the upload. */
  byClass(classes: number): ImagesByClass {
    return this.#byClass ??= {
      order: new Variable("images by class", [this.count], "u32"),
      starts: new Variable("starts of classes", [classes + 1], "u32"),
    };
  }

  /**
   * Copies images and labels to the device, in their own order.
   *
   * @throws {UserError} if there is only one class, where images are drawn from
   * other classes.
   */
  upload(memory: Memory, split: TrainingSplit): void {
    const { images } = split;
    memory.write(
      this.images,
      images instanceof Float32Array ? images : wholeWords(images),
    );
    if (this.targets) memory.write(this.targets, split.targets!);
    if (this.features) memory.write(this.features, split.features!);
    memory.write(this.labels, Uint32Array.from(split.labels));
    if (this.#byClass) this.#uploadByClass(memory, this.#byClass, split);
    this.setOrder(
      memory,
      Uint32Array.from({ length: this.order.shape[0]! }, (_, i) => i),
    );
  }

  #uploadByClass(
    memory: Memory,
    { order, starts }: ImagesByClass,
    { labels }: TrainingSplit,
  ): void {
    const classes = new Set(labels).size;
    if (classes < 2) {
      throw new UserError(
        "Cannot draw images of other classes: expected training images of at " +
          `least 2 classes but found ${classes}`,
      );
    }
    const sorted = Uint32Array.from(labels.keys())
      .sort((a, b) => labels[a]! - labels[b]! || a - b);
    memory.write(order, sorted);
    const bounds = new Uint32Array(starts.shape[0]!);
    for (const label of labels) bounds[label + 1]!++;
    for (let i = 1; i < bounds.length; i++) bounds[i]! += bounds[i - 1]!;
    memory.write(starts, bounds);
  }

  /** Sets the order in which positions are counted. */
  setOrder(memory: Memory, order: Uint32Array<ArrayBuffer>): void {
    memory.write(this.order, order);
  }
}

/** The bytes, with zeros behind them up to a whole number of words. */
function wholeWords(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.length % 4 === 0) return bytes;
  const words = new Uint8Array(4 * Math.ceil(bytes.length / 4));
  words.set(bytes);
  return words;
}
