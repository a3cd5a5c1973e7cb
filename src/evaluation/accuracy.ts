// Accuracy on clean and adversarial images of a split: batches in order, networks
// in eval mode, float32, attacks on the cross-entropy. An evaluator is made once
// per network and split and may be run after every epoch.

import { buildAttack } from "../step/build.ts";
import type { AttackConfig } from "../config/experiment.ts";
import type { Memory } from "../gpu/memory.ts";
import type { Graph } from "../graph/graph.ts";
import type { Network } from "../nn/network.ts";
import { correct } from "../ops/loss/margin.ts";
import { attackInEval } from "../step/attack_in_eval.ts";
import {
  type BatchPlans,
  batchSizes,
  bindBatches,
} from "../step/batch_programs.ts";
import {
  type BatchSource,
  consecutiveBatches,
  ResidentBatches,
} from "../step/batch_source.ts";
import type { ResidentSplit } from "../step/resident_split.ts";
import { RunningSums } from "../step/running_sums.ts";

/** How many of how many images were classified correctly. */
export interface Accuracy {
  readonly correct: number;
  readonly count: number;
}

/** What to evaluate. */
export interface EvaluationOptions {
  readonly network: Network;
  readonly data: ResidentSplit;
  /** Null stands for clean images. */
  readonly attacks: Readonly<Record<string, AttackConfig | null>>;
  readonly batchSize: number;
  readonly seed: number;
  /** Images from the start of the split; all if absent. */
  readonly limit?: number | undefined;
}

/** Called after every batch. */
export type EvaluationProgress = (
  attack: string,
  done: Accuracy & { readonly of: number },
) => void;

/** Evaluates one network on one split. */
export class Evaluator {
  readonly #memory: Memory;
  readonly #source: BatchSource;
  readonly #batchSize: number;
  readonly #sums = new RunningSums();
  /** By attack. */
  readonly #plans = new Map<string, BatchPlans>();

  private constructor(
    memory: Memory,
    { data, batchSize, limit }: EvaluationOptions,
  ) {
    this.#memory = memory;
    this.#source = new ResidentBatches(data, { batchSize, limit });
    this.#batchSize = batchSize;
  }

  /** Compiles and binds the programs of each attack. */
  static async create(
    memory: Memory,
    options: EvaluationOptions,
  ): Promise<Evaluator> {
    const evaluator = new Evaluator(memory, options);
    const source = evaluator.#source;
    const sizes = batchSizes({ ...options, count: source.count });
    for (const [name, attack] of Object.entries(options.attacks)) {
      const counted = { ...options, source, attack, name };
      const plans = await bindBatches(memory, {
        name: `evaluation: ${name}`,
        sizes,
        trace: (graph, size) =>
          traceAccuracy(graph, { ...counted, size, sums: evaluator.#sums }),
      });
      evaluator.#plans.set(name, plans);
    }
    return evaluator;
  }

  /** Accuracy under every attack, of the network as it is now. */
  async run(
    onProgress?: EvaluationProgress,
  ): Promise<Record<string, Accuracy>> {
    const { count } = this.#source;
    const { variable } = this.#sums;
    const results: Record<string, Accuracy> = {};
    for (const [name, plans] of this.#plans) {
      this.#memory.write(variable, new Uint8Array(variable.byteLength));
      const batching = { count, batchSize: this.#batchSize };
      for (const batch of consecutiveBatches(batching)) {
        this.#source.load(this.#memory, batch);
        plans.run(batch.indices.length);
        if (!onProgress) continue;
        const done = batch.start + batch.indices.length;
        const correct = await this.#correct(name);
        onProgress(name, { correct, count: done, of: count });
      }
      results[name] = { correct: await this.#correct(name), count };
    }
    return results;
  }

  /** Releases the programs. */
  dispose(): void {
    for (const plans of this.#plans.values()) plans.dispose();
  }

  /** As {@linkcode Evaluator.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  async #correct(name: string): Promise<number> {
    const [bytes] = await this.#memory.read([this.#sums.variable]);
    return this.#sums.decode(bytes!)[name]!;
  }
}

/** What a batch is evaluated with. */
export interface TracedAccuracy {
  readonly network: Network;
  readonly source: BatchSource;
  /** Images of the batch. */
  readonly size: number;
  /** Null stands for clean images. */
  readonly attack: AttackConfig | null;
  readonly seed: number;
  /** Where correct predictions are counted, and under which name. */
  readonly sums: RunningSums;
  readonly name: string;
}

/** Traces one batch: attack it, and count what is classified correctly. */
export function traceAccuracy(
  graph: Graph,
  { network, source, size, attack, seed, sums, name }: TracedAccuracy,
): void {
  const batch = source.trace(graph, size);
  const images = attack
    ? attackInEval(buildAttack(attack), { network, batch, seed })
    : batch.x;
  const { logits } = network.call(images, "eval");
  sums.add(name, correct(logits, batch.labels));
}
