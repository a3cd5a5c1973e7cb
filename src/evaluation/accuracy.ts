// Accuracy on clean and adversarial images of a split: batches in order, the network in
// eval mode and float32, attacks on the cross-entropy. An evaluator is created once for
// a network and a split, and may be run after every epoch. In a black-box evaluation,
// attacks see another network, and the images that they end with are given to this one.

import { buildAttack } from "../step/build.ts";
import type { AttackConfig } from "../config/experiment.ts";
import type { Memory } from "../gpu/memory.ts";
import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Network } from "../nn/network.ts";
import { multiply } from "../ops/pointwise.ts";
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

/** The number of images, and of those that were classified correctly. */
export interface Accuracy {
  readonly correct: number;
  readonly count: number;
  /** How many the attack had no gradient of in any step; absent where none. */
  readonly zeroGradient?: number;
}

/** The network, the images and the attacks to evaluate. */
export interface EvaluationOptions {
  readonly network: Network;
  readonly data: ResidentSplit;
  /** The network that attacks see, in its own eval mode; `network` if left out. */
  readonly craftedOn?: Network | undefined;
  /** Null for clean images. */
  readonly attacks: Readonly<Record<string, AttackConfig | null>>;
  readonly batchSize: number;
  readonly seed: number;
  /** Images from the start of the split; all if left out. */
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
  readonly #sums: RunningSums;
  /** By attack. */
  readonly #plans: ReadonlyMap<string, BatchPlans>;

  private constructor(
    memory: Memory,
    { source, batchSize, sums, plans }: {
      readonly source: BatchSource;
      readonly batchSize: number;
      readonly sums: RunningSums;
      readonly plans: ReadonlyMap<string, BatchPlans>;
    },
  ) {
    this.#memory = memory;
    this.#source = source;
    this.#batchSize = batchSize;
    this.#sums = sums;
    this.#plans = plans;
  }

  /** Compiles and binds the programs of each attack. */
  static async create(
    memory: Memory,
    options: EvaluationOptions,
  ): Promise<Evaluator> {
    const { data, batchSize } = options;
    const source = new ResidentBatches(data, options);
    const sums = new RunningSums();
    const plans = new Map<string, BatchPlans>();
    for (const [name, attack] of Object.entries(options.attacks)) {
      const counted = { ...options, source, attack, sums, name };
      const bound = await bindBatches(memory, {
        name: `evaluation: ${name}`,
        sizes: batchSizes({ count: source.count, batchSize }),
        trace: (graph, size) => traceAccuracy(graph, { ...counted, size }),
      });
      plans.set(name, bound);
    }
    return new Evaluator(memory, { source, batchSize, sums, plans });
  }

  /**
   * Measures the accuracy of the network's current values under every attack.
   *
   * @throws The signal's reason, also inside a batch that takes long.
   */
  async run(
    onProgress?: EvaluationProgress,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Record<string, Accuracy>> {
    const { count } = this.#source;
    const { variable } = this.#sums;
    const results: Record<string, Accuracy> = {};
    for (const [name, plans] of this.#plans) {
      this.#memory.write(variable, new Uint8Array(variable.byteLength));
      const batching = { count, batchSize: this.#batchSize };
      for (const batch of consecutiveBatches(batching)) {
        this.#source.load(this.#memory, batch);
        await plans.runInTurns(batch.indices.length, signal);
        signal?.throwIfAborted();
        if (!onProgress) continue;
        const done = batch.start + batch.indices.length;
        onProgress(name, { ...await this.#counted(name, done), of: count });
      }
      results[name] = await this.#counted(name, count);
    }
    return results;
  }

  /** Images that a run classifies under each attack. */
  get count(): number {
    return this.#source.count;
  }

  /** Floating-point operations of a run, by attack. */
  flops(): Record<string, number> {
    const { count } = this.#source;
    const [full, rest] = batchSizes({ count, batchSize: this.#batchSize });
    const entries = [...this.#plans].map(([name, plans]) => {
      const whole = Math.floor(count / full!) * plans.flops(full!);
      return [name, rest ? whole + plans.flops(rest) : whole] as const;
    });
    return Object.fromEntries(entries);
  }

  /** Releases the programs. */
  dispose(): void {
    for (const plans of this.#plans.values()) plans.dispose();
  }

  /** As {@linkcode Evaluator.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  async #counted(name: string, count: number): Promise<Accuracy> {
    const [bytes] = await this.#memory.read([this.#sums.variable]);
    const sums = this.#sums.decode(bytes!);
    const zero = sums[zeroGradientOf(name)];
    const correct = sums[name]!;
    return zero ? { correct, count, zeroGradient: zero } : { correct, count };
  }
}

/** The name under which images without a gradient are counted. */
function zeroGradientOf(attack: string): string {
  return `${attack}, gradient of 0`;
}

/** The parts of an evaluation of one batch. */
export interface TracedAccuracy
  extends Pick<EvaluationOptions, "network" | "craftedOn"> {
  readonly source: BatchSource;
  /** Images of the batch. */
  readonly size: number;
  /** Null for clean images. */
  readonly attack: AttackConfig | null;
  readonly seed: number;
  /** The sums that count correct predictions, and the name there. */
  readonly sums: RunningSums;
  readonly name: string;
}

/** Traces one batch: attacks it, and counts correct predictions. */
export function traceAccuracy(
  graph: Graph,
  { network, craftedOn = network, source, size, attack, seed, sums, name }:
    TracedAccuracy,
): void {
  const batch = source.trace(graph, size);
  const zero: Tensor[] = [];
  const noteZeroGradient = (found: Tensor) => void zero.push(found);
  const images = attack
    ? attackInEval(buildAttack(attack), {
      network: craftedOn,
      batch,
      seed,
      noteZeroGradient,
    })
    : batch.x;
  const { logits } = network.call(images, "eval");
  sums.add(name, correct(logits, batch.labels));
  // Of several runs, what none of them had a gradient of.
  if (zero.length) sums.add(zeroGradientOf(name), zero.reduce(multiply));
}
