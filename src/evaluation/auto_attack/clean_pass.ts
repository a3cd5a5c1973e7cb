// The network on clean images, before any attack: which it classifies correctly, and
// its logits. A batch that is not full is filled with its last image.

import type { Memory } from "../../gpu/memory.ts";
import { Variable } from "../../graph/tensor.ts";
import type { Network } from "../../nn/network.ts";
import { correct } from "../../ops/loss/margin.ts";
import { store } from "../../ops/store.ts";
import { type BatchPlans, bindBatches } from "../../step/batch_programs.ts";
import type { BatchSource } from "../../step/batch_source.ts";

interface CleanPassOptions {
  readonly network: Network;
  readonly source: BatchSource;
  /** Images of a batch. */
  readonly size: number;
}

/** A forward pass on batches of one size. Dispose of it. */
export class CleanPass {
  readonly #memory: Memory;
  readonly #options: CleanPassOptions;
  readonly #logits: Variable;
  readonly #right: Variable;
  #plans: BatchPlans | null = null;

  private constructor(memory: Memory, options: CleanPassOptions) {
    const { size, network } = options;
    this.#memory = memory;
    this.#options = options;
    this.#logits = new Variable("logits", [size, network.classes]);
    this.#right = new Variable("right", [size]);
  }

  /** Compiles and binds the forward pass. */
  static async bind(
    memory: Memory,
    options: CleanPassOptions,
  ): Promise<CleanPass> {
    const pass = new CleanPass(memory, options);
    const { network, source, size } = options;
    pass.#plans = await bindBatches(memory, {
      name: "clean images",
      sizes: [size],
      trace: (graph) => {
        const { x, labels } = source.trace(graph, size);
        const { logits } = network.call(x, "eval");
        store(logits, pass.#logits);
        store(correct(logits, labels), pass.#right);
      },
    });
    return pass;
  }

  /**
   * Runs the network on the images with these indices, at most a batch: whether each
   * is classified correctly, and the logits (size, classes) of the filled batch.
   */
  async run(indices: readonly number[]): Promise<{
    readonly right: readonly boolean[];
    readonly logits: Float32Array;
  }> {
    const { source, size } = this.#options;
    const missing = size - indices.length;
    const filled = [...indices, ...Array(missing).fill(indices.at(-1)!)];
    source.load(this.#memory, { indices: filled, number: 0 });
    this.#plans!.run(size);
    const [right, logits] = await this.#memory.read([
      this.#right,
      this.#logits,
    ]);
    const rights = new Float32Array(right!);
    return {
      right: indices.map((_, n) => rights[n] === 1),
      logits: new Float32Array(logits!),
    };
  }

  /** Releases the program. */
  dispose(): void {
    this.#plans?.dispose();
  }

  /** As {@linkcode CleanPass.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
