// A function of images, run over arrays of any length: the arrays go to the device
// a batch at a time, and one row of numbers per image comes back.
//
// The variables are those of a full batch, made once; the last, smaller batch uses
// the front of them, so that nothing is padded and every image is treated as in an
// evaluation of the same batch size.

import { imageBytes, type ImageShape, type Split } from "../data/dataset.ts";
import { floatsOf, type LabeledImages } from "../data/float_images.ts";
import type { Memory } from "../gpu/memory.ts";
import { Plan } from "../gpu/plan.ts";
import { compile } from "../graph/compile.ts";
import { Graph } from "../graph/graph.ts";
import { f32, type Tensor, Variable } from "../graph/tensor.ts";
import { store } from "../ops/store.ts";

/** A batch in a graph. */
export interface TracedBatch {
  /** Images (N, H, W, 3) in [0, 1]. */
  readonly x: Tensor;
  /** Class indices, u32 (N). */
  readonly labels: Tensor;
  /** Number of the batch, from 0: a u32 scalar. */
  readonly step: Tensor;
}

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
  readonly size: number;
}

/** Room for a batch of images on the device. */
export class ImageBatches {
  readonly #memory: Memory;
  readonly #options: BatchOptions;
  readonly #images: Variable;
  readonly #labels: Variable;
  readonly #rows: Variable;
  readonly #step: Variable = new Variable("batch", [], "u32");

  constructor(memory: Memory, options: BatchOptions) {
    const { shape, widest, size } = options;
    const values = imageBytes(shape);
    this.#memory = memory;
    this.#options = options;
    this.#images = new Variable("images", [size * values]);
    this.#labels = new Variable("labels", [size], "u32");
    this.#rows = new Variable("rows", [size * Math.max(values, widest)]);
  }

  /**
   * Refuses arrays that are not images with labels.
   *
   * @throws {TypeError} if they have not the size of images and labels.
   * @throws {RangeError} if a label is no class.
   */
  check(examples: LabeledImages | Split): void {
    checkSizes(examples, this.#options);
  }

  /**
   * Runs a function over all images: (count, width) numbers.
   *
   * @throws {TypeError} if the arrays have not the size of images and labels.
   * @throws {RangeError} if a pixel is outside [0, 1] or a label is no class.
   */
  async map(
    examples: LabeledImages | Split,
    mapping: BatchFunction,
  ): Promise<Float32Array<ArrayBuffer>> {
    this.check(examples);
    const { labels } = examples;
    const { shape } = this.#options;
    const { width } = mapping;
    const out = new Float32Array(labels.length * width);
    const plans = new Map<number, { plan: Plan; rows: Variable }>();
    try {
      for (let start = 0, step = 0; start < labels.length; step++) {
        const size = Math.min(this.#options.size, labels.length - start);
        const end = start + size;
        const bound = plans.get(size) ?? await this.#bind(mapping, size);
        plans.set(size, bound);
        this.#upload(floatsOf(examples, { shape, start, end }), {
          step,
          labels: Uint32Array.from(
            { length: size },
            (_, i) => labels[start + i]!,
          ),
        });
        bound.plan.run();
        const [rows] = await this.#memory.read([bound.rows]);
        out.set(new Float32Array(rows!), start * width);
        start = end;
      }
    } finally {
      for (const { plan } of plans.values()) plan.dispose();
    }
    return out;
  }

  /** The function for batches of one size, and where its rows will be. */
  async #bind(
    { name, width, trace }: BatchFunction,
    size: number,
  ): Promise<{ plan: Plan; rows: Variable }> {
    const { shape } = this.#options;
    const graph = new Graph();
    const images = f32([size, shape.height, shape.width, shape.channels]);
    const labels = { dtype: "u32", shape: [size] } as const;
    const result = trace({
      x: graph.read(this.#images.slice("images", 0, images)),
      labels: graph.read(this.#labels.slice("labels", 0, labels)),
      step: graph.read(this.#step),
    });
    const rows = this.#rows.slice("rows", 0, f32([size, width]));
    store(result, rows);
    const { adapter } = this.#memory.device;
    const program = compile(graph, { name, ...adapter });
    return { plan: await Plan.bind(program, this.#memory), rows };
  }

  #upload(
    images: Float32Array<ArrayBuffer>,
    { labels, step }: {
      readonly labels: Uint32Array<ArrayBuffer>;
      readonly step: number;
    },
  ): void {
    checkValues(images);
    const front = (variable: Variable, { length }: ArrayLike<number>) =>
      variable.slice(variable.name, 0, { ...variable, shape: [length] });
    this.#memory.write(front(this.#images, images), images);
    this.#memory.write(front(this.#labels, labels), labels);
    this.#memory.write(this.#step, Uint32Array.of(step));
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

function checkValues(images: Float32Array): void {
  const wrong = images.find((value) => !(value >= 0 && value <= 1));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot use images: expected numbers from 0 to 1 but found ${wrong}`,
    );
  }
}
