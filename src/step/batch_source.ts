// Sources of batches: a split whose bytes are on the device, or arrays of the host, from
// which one batch at a time is uploaded. A graph is traced once, and reads the batch that
// was loaded last. A batch may have any images in any order, without augmentation.

import { imageBytes, type ImageShape, type Split } from "../data/dataset.ts";
import { floatsOf, type LabeledImages } from "../data/float_images.ts";
import type { Memory } from "../gpu/memory.ts";
import type { Graph } from "../graph/graph.ts";
import { f32, type Tensor, Variable } from "../graph/tensor.ts";
import { fill } from "../ops/fill.ts";
import { gatherAugment } from "../ops/gather_augment.ts";
import type { ResidentSplit } from "./resident_split.ts";

/** A batch in a graph. */
export interface TracedBatch {
  /** Images (N, H, W, C) in [0, 1]. */
  readonly x: Tensor;
  /** Class indices, u32 (N). */
  readonly labels: Tensor;
  /** The batch's number, a u32 scalar: the step of its random numbers. */
  readonly number: Tensor;
}

/** Which images a batch has. */
export interface BatchIndices {
  /** The places of its images in the source, at most the source's batch size. */
  readonly indices: readonly number[];
  /** The step of its random numbers. */
  readonly number: number;
}

/** Numbered images with labels, of which a batch at a time is on the device. */
export interface BatchSource {
  /** Number of images. */
  readonly count: number;
  readonly shape: ImageShape;
  /** Traces the batch that is loaded, of the given size. */
  trace(graph: Graph, size: number): TracedBatch;
  /** Loads the batch that the next run sees. */
  load(memory: Memory, batch: BatchIndices): void;
}

/** The images from the first to the last in batches, numbered from 0. */
export function* consecutiveBatches(
  { count, batchSize }: { readonly count: number; readonly batchSize: number },
): Generator<BatchIndices & { readonly start: number }> {
  for (let start = 0, number = 0; start < count; start += batchSize, number++) {
    const length = Math.min(batchSize, count - start);
    const indices = Array.from({ length }, (_, n) => start + n);
    yield { start, number, indices };
  }
}

/** Batches of a split that is on the device. */
export class ResidentBatches implements BatchSource {
  readonly count: number;
  readonly shape: ImageShape;
  readonly #data: ResidentSplit;
  readonly #order: Variable;
  readonly #number = new Variable("batch number", [], "u32");

  /** Batches of at most `batchSize` of the split's first `limit` images. */
  constructor(
    data: ResidentSplit,
    { batchSize, limit = Infinity }: {
      readonly batchSize: number;
      readonly limit?: number | undefined;
    },
  ) {
    this.count = Math.min(limit, data.count);
    this.shape = data.shape;
    this.#data = data;
    const size = Math.min(batchSize, this.count);
    this.#order = new Variable("batch indices", [size], "u32");
  }

  trace(graph: Graph, size: number): TracedBatch {
    const { images, labels } = this.#data;
    const { height, width, channels } = this.shape;
    const position = fill(graph, { shape: [], value: 0, dtype: "u32" });
    const gathered = gatherAugment(
      { images, labels, order: this.#order, position },
      { batch: size, height, width, channels },
    );
    return { ...gathered, number: graph.read(this.#number) };
  }

  load(memory: Memory, { indices, number }: BatchIndices): void {
    const order = new Uint32Array(this.#order.shape[0]!);
    order.set(indices);
    memory.write(this.#order, order);
    memory.write(this.#number, Uint32Array.of(number));
  }
}

/** Room on the device for a batch of arrays, used for one array after another. */
export class UploadedBatches {
  readonly #shape: ImageShape;
  readonly #images: Variable;
  readonly #labels: Variable;
  readonly #number = new Variable("batch number", [], "u32");

  /** Room for at most `batchSize` images. */
  constructor(
    { shape, batchSize }: {
      readonly shape: ImageShape;
      readonly batchSize: number;
    },
  ) {
    this.#shape = shape;
    this.#images = new Variable("images", [batchSize * imageBytes(shape)]);
    this.#labels = new Variable("labels", [batchSize], "u32");
  }

  /**
   * Batches of these arrays. Loading one throws a `RangeError` for numbers that are
   * not in [0, 1].
   */
  of(examples: LabeledImages | Split): BatchSource {
    return {
      count: examples.labels.length,
      shape: this.#shape,
      trace: (graph, size) => this.#trace(graph, size),
      load: (memory, batch) => this.#load(memory, { ...batch, examples }),
    };
  }

  #trace(graph: Graph, size: number): TracedBatch {
    const { height, width, channels } = this.#shape;
    const images = f32([size, height, width, channels]);
    const labels = { dtype: "u32", shape: [size] } as const;
    return {
      x: graph.read(this.#images.slice("images", 0, images)),
      labels: graph.read(this.#labels.slice("labels", 0, labels)),
      number: graph.read(this.#number),
    };
  }

  #load(
    memory: Memory,
    { examples, indices, number }: BatchIndices & {
      readonly examples: LabeledImages | Split;
    },
  ): void {
    const values = imageBytes(this.#shape);
    const images = new Float32Array(indices.length * values);
    indices.forEach((start, n) => {
      const one = { shape: this.#shape, start, end: start + 1 };
      images.set(floatsOf(examples, one), n * values);
    });
    checkValues(images);
    const labels = Uint32Array.from(indices, (i) => examples.labels[i]!);
    memory.write(front(this.#images, images.length), images);
    memory.write(front(this.#labels, labels.length), labels);
    memory.write(this.#number, Uint32Array.of(number));
  }
}

/** The first elements of a flat variable. */
function front(variable: Variable, length: number): Variable {
  return variable.slice(variable.name, 0, { ...variable, shape: [length] });
}

function checkValues(images: Float32Array): void {
  const wrong = images.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot use images: expected numbers from 0 to 1 but found ${wrong}`,
    );
  }
}
