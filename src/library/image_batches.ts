// Functions of images, run over arrays of any length: a batch at a time is copied to the
// device, and one row of numbers per image is read back.
//
// The variables have room for a full batch, and a smaller last batch uses the front of
// them. Nothing is padded, and every image gives the same numbers as in an evaluation of
// the same batch size.

import { imageBytes, type ImageShape, type Split } from "../data/dataset.ts";
import type { LabeledImages } from "../data/float_images.ts";
import type { Memory } from "../gpu/memory.ts";
import { f32, type Tensor, Variable } from "../graph/tensor.ts";
import { store } from "../ops/store.ts";
import { batchSizes, bindBatches } from "../step/batch_programs.ts";
import {
  type BatchSource,
  consecutiveBatches,
  type TracedBatch,
  UploadedBatches,
} from "../step/batch_source.ts";

/** A function to run over images. */
export interface BatchFunction {
  /** Shown in errors and profiles. */
  readonly name: string;
  /** Numbers per image. */
  readonly width: number;
  /** Traces the function: a batch to its rows, `width` numbers per image. */
  trace(batch: TracedBatch): Tensor;
}

/** How images are cut into batches. */
export interface BatchOptions {
  readonly shape: ImageShape;
  readonly classes: number;
  /** Most numbers per image of any function, where they exceed an image's. */
  readonly widest: number;
  /** Most images of a batch. */
  readonly batchSize: number;
}

/** Room for a batch of images, and for its rows, on the device. */
export class ImageBatches {
  readonly #memory: Memory;
  readonly #options: BatchOptions;
  readonly #uploaded: UploadedBatches;
  readonly #rows: Variable;

  constructor(memory: Memory, options: BatchOptions) {
    const { shape, widest, batchSize } = options;
    this.#memory = memory;
    this.#options = options;
    this.#uploaded = new UploadedBatches(options);
    const width = Math.max(imageBytes(shape), widest);
    this.#rows = new Variable("rows", [batchSize * width]);
  }

  /**
   * Batches of arrays, for one use after another.
   *
   * @throws {TypeError} if they have not the size of images and labels.
   * @throws {RangeError} if a label is no class.
   */
  of(examples: LabeledImages | Split): BatchSource {
    checkSizes(examples, this.#options);
    return this.#uploaded.of(examples);
  }

  /**
   * Runs a function over all images: (count, width) numbers.
   *
   * @throws {TypeError} if the arrays have not the size of images and labels.
   * @throws {RangeError} if a pixel is outside [0, 1] or a label is no class.
   */
  async map(
    examples: LabeledImages | Split,
    { name, width, trace }: BatchFunction,
  ): Promise<Float32Array<ArrayBuffer>> {
    const source = this.of(examples);
    const batching = { ...this.#options, count: source.count };
    const rowsOf = (size: number) =>
      this.#rows.slice("rows", 0, f32([size, width]));
    using plans = await bindBatches(this.#memory, {
      name,
      sizes: batchSizes(batching),
      trace: (graph, size) =>
        store(trace(source.trace(graph, size)), rowsOf(size)),
    });
    const out = new Float32Array(source.count * width);
    for (const batch of consecutiveBatches(batching)) {
      const size = batch.indices.length;
      source.load(this.#memory, batch);
      await plans.runInTurns(size);
      const [rows] = await this.#memory.read([rowsOf(size)]);
      out.set(new Float32Array(rows!), batch.start * width);
    }
    return out;
  }
}

function checkSizes(
  { images, labels }: LabeledImages | Split,
  { shape, classes }: BatchOptions,
): void {
  const values = imageBytes(shape);
  if (labels.length === 0) {
    throw new TypeError(
      "Cannot use images: expected at least 1 label but found none",
    );
  }
  if (images.length !== labels.length * values) {
    throw new TypeError(
      `Cannot use images: expected ${values} numbers for each of ` +
        `${labels.length} labels but found ${images.length} numbers`,
    );
  }
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new RangeError(
        `Cannot use labels: expected classes from 0 to ${classes - 1} but ` +
          `found ${label} at image ${i}`,
      );
    }
  }
}
