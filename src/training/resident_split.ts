// A split of a dataset on the device, as bytes: a quarter of its size as numbers,
// and nothing to upload during an epoch but the order of its images.

import type { Split } from "../data/dataset.ts";
import type { Memory } from "../gpu/memory.ts";
import { Variable } from "../graph/tensor.ts";
import type { ImageShape } from "../data/dataset.ts";

/** Variables that hold a split's images, labels and order. */
export class ResidentSplit {
  readonly images: Variable;
  readonly labels: Variable;
  readonly order: Variable;
  readonly count: number;
  readonly shape: ImageShape;

  constructor(
    name: string,
    { count, shape }: { readonly count: number; readonly shape: ImageShape },
  ) {
    const { channels, height, width } = shape;
    this.count = count;
    this.shape = shape;
    this.images = new Variable(`${name} images`, [
      Math.ceil(count * channels * height * width / 4),
    ], "u32");
    this.labels = new Variable(`${name} labels`, [count], "u32");
    this.order = new Variable(`${name} order`, [count], "u32");
  }

  /** Copies images and labels to the device, in their own order. */
  upload(memory: Memory, split: Split): void {
    memory.write(this.images, wholeWords(split.images));
    memory.write(this.labels, Uint32Array.from(split.labels));
    this.setOrder(
      memory,
      Uint32Array.from({ length: this.count }, (_, i) => i),
    );
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
