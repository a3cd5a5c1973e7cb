// The network on clean images, before any attack: its logits, and which images it
// classifies correctly. A batch that is not full is filled with its last image.

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

interface Outputs {
  readonly logits: Variable;
  /** 1 where the image is classified correctly. */
  readonly right: Variable;
}

/** A forward pass on batches of one size. Dispose of it. */
export class CleanPass {
  readonly #memory: Memory;
  readonly #source: BatchSource;
  readonly #size: number;
  readonly #outputs: Outputs;
  readonly #plans: BatchPlans;

  private constructor(
    memory: Memory,
    { source, size, outputs, plans }: Omit<CleanPassOptions, "network"> & {
      readonly outputs: Outputs;
      readonly plans: BatchPlans;
    },
  ) {
    this.#memory = memory;
    this.#source = source;
    this.#size = size;
    this.#outputs = outputs;
    this.#plans = plans;
  }

  /** Compiles and binds the forward pass. */
  static async bind(
    memory: Memory,
    { network, source, size }: CleanPassOptions,
  ): Promise<CleanPass> {
    const outputs = {
      logits: new Variable("logits", [size, network.classes]),
      right: new Variable("right", [size]),
    };
    const plans = await bindBatches(memory, {
      name: "clean images",
      sizes: [size],
      trace: (graph) => {
        const { x, labels } = source.trace(graph, size);
        const { logits } = network.call(x, "eval");
        store(logits, outputs.logits);
        store(correct(logits, labels), outputs.right);
      },
    });
    return new CleanPass(memory, { source, size, outputs, plans });
  }

  /**
   * Runs the network on the images with these indices, at most a batch: whether each
   * is classified correctly, and the logits (size, classes) of the filled batch.
   */
  async run(indices: readonly number[]): Promise<{
    readonly right: readonly boolean[];
    readonly logits: Float32Array;
  }> {
    const missing = this.#size - indices.length;
    const filled = [...indices, ...Array(missing).fill(indices.at(-1)!)];
    this.#source.load(this.#memory, { indices: filled, number: 0 });
    await this.#plans.runInTurns(this.#size);
    const outputs = [this.#outputs.right, this.#outputs.logits];
    const [right, logits] = await this.#memory.read(outputs);
    const rights = new Float32Array(right!);
    return {
      right: indices.map((_, n) => rights[n] === 1),
      logits: new Float32Array(logits!),
    };
  }

  /** Releases the program. */
  dispose(): void {
    this.#plans.dispose();
  }

  /** As {@linkcode CleanPass.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
