// The images that an ensemble of attacks is run on, of which a batch holds any: those
// that are left are gathered by their indices.

import { imageBytes, type ImageShape, type Split } from "../data/dataset.ts";
import { floatsOf, type LabeledImages } from "../data/float_images.ts";
import type { Memory } from "../gpu/memory.ts";
import type { Graph } from "../graph/graph.ts";
import { f32, type Tensor, Variable } from "../graph/tensor.ts";
import { gatherAugment } from "../ops/gather_augment.ts";
import type { ResidentSplit } from "../step/resident_split.ts";

/** A batch in a graph. */
export interface PointBatch {
  /** Images (N, H, W, 3) in [0, 1]. */
  readonly x: Tensor;
  /** Class indices, u32 (N). */
  readonly labels: Tensor;
}

/** Numbered images with labels. */
export interface Points {
  readonly count: number;
  readonly shape: ImageShape;
  /** Traces the batch that is loaded, of the given size. */
  trace(graph: Graph, size: number): PointBatch;
  /** Loads the images with these indices. */
  load(memory: Memory, indices: readonly number[]): void;
}

/** The first images of a split that is on the device: all of them unless limited. */
export function residentPoints(
  data: ResidentSplit,
  { limit = Infinity }: { readonly limit?: number | undefined } = {},
): Points {
  const order = new Variable("points", [data.count], "u32");
  const start = new Variable("first point", [], "u32");
  const { height, width } = data.shape;
  return {
    count: Math.min(limit, data.count),
    shape: data.shape,
    trace: (graph, batch) =>
      gatherAugment(
        { ...data, order, position: graph.read(start) },
        { batch, height, width },
      ),
    load(memory, indices) {
      const words = new Uint32Array(data.count);
      words.set(indices);
      memory.write(order, words);
    },
  };
}

/** Images in the host's memory, of which at most `batchSize` are uploaded at once. */
export function uploadedPoints(
  examples: LabeledImages | Split,
  { shape, batchSize }: {
    readonly shape: ImageShape;
    readonly batchSize: number;
  },
): Points {
  const values = imageBytes(shape);
  const count = examples.labels.length;
  const size = Math.min(batchSize, count);
  const images = new Variable("points", [size * values]);
  const labels = new Variable("labels", [size], "u32");
  const { height, width, channels } = shape;
  return {
    count,
    shape,
    trace: (graph, batch) => ({
      x: graph.read(
        images.slice("points", 0, f32([batch, height, width, channels])),
      ),
      labels: graph.read(
        labels.slice("labels", 0, { dtype: "u32", shape: [batch] }),
      ),
    }),
    load(memory, indices) {
      const floats = new Float32Array(size * values);
      const classes = new Uint32Array(size);
      indices.forEach((index, n) => {
        const one = floatsOf(examples, { shape, start: index, end: index + 1 });
        floats.set(one, n * values);
        classes[n] = examples.labels[index]!;
      });
      memory.write(images, floats);
      memory.write(labels, classes);
    },
  };
}
