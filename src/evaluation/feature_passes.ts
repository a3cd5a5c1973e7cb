// A network's features of clean and adversarial images of a split, a batch at a time. They
// are read to the host, or used by operations in the same graph. The network is in
// eval mode, images are not augmented, and adversarial images are made against this
// network.

import type { ImageShape, Split } from "../data/dataset.ts";
import { buildAttack } from "../step/build.ts";
import type { AttackConfig } from "../config/experiment.ts";
import type { Memory } from "../gpu/memory.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import type { Network } from "../nn/network.ts";
import { store } from "../ops/store.ts";
import { attackInEval } from "../step/attack_in_eval.ts";
import { batchSizes, bindBatches } from "../step/batch_programs.ts";
import {
  consecutiveBatches,
  ResidentBatches,
  type TracedBatch,
} from "../step/batch_source.ts";
import { ResidentSplit } from "../step/resident_split.ts";

/** The host waits for the device after this many batches, to limit the queue. */
const WAIT_EVERY = 8;

/** A batch's features, clean and adversarial, and its labels. */
export interface BatchFeatures {
  readonly clean: Tensor;
  readonly robust: Tensor;
  readonly labels: Tensor;
}

/** The options of all passes. */
export interface FeaturePassOptions {
  readonly network: Network;
  readonly shape: ImageShape;
  /** How adversarial images are found. */
  readonly attack: AttackConfig;
  readonly batchSize: number;
  /** The source of the attack's randomness. */
  readonly seed: number;
  /** Called after every batch. */
  readonly onProgress?: ((progress: FeatureProgress) => void) | undefined;
}

/** The progress of a pass, in images. */
export interface FeatureProgress {
  readonly stage: "test features" | "training features";
  readonly count: number;
  readonly of: number;
}

/** Passes over splits by one network, whose state is on the device. */
export class FeaturePasses {
  readonly #memory: Memory;
  readonly #options: FeaturePassOptions;

  /** Takes the memory that holds the network. */
  constructor(memory: Memory, options: FeaturePassOptions) {
    this.#memory = memory;
    this.#options = options;
  }

  /** The features of a split's first images, (count, featureSize) each. */
  async features(
    split: Split,
    count: number,
  ): Promise<{ clean: Float32Array; robust: Float32Array }> {
    const { network: { featureSize } } = this.#options;
    const kept = (["clean", "robust"] as const).map((name) => ({
      name,
      rows: new Variable(`${name} features`, [
        Math.min(this.#options.batchSize, count) * featureSize,
      ]),
      all: new Float32Array(count * featureSize),
    }));
    await this.#pass({ name: "test", split, count }, {
      // The stream of evaluations, so that the adversarial images are the same.
      stream: "evaluation",
      trace: (features, batch) => {
        for (const { name, rows } of kept) {
          const front = rows.slice(name, 0, {
            dtype: "f32",
            shape: [batch, featureSize],
          });
          store(features[name], front);
        }
      },
      after: async (position, batch) => {
        const bytes = await this.#memory.read(kept.map(({ rows }) => rows));
        kept.forEach(({ all }, i) => {
          const rows = new Float32Array(bytes[i]!, 0, batch * featureSize);
          all.set(rows, position * featureSize);
        });
      },
    });
    const [clean, robust] = kept.map(({ all }) => all);
    return { clean: clean!, robust: robust! };
  }

  /** Runs what `to` traces over the features of a split's first images. */
  async run(
    split: Split,
    { count, to }: {
      readonly count: number;
      /** Traces a computation on the features of a batch. */
      readonly to: (features: BatchFeatures) => void;
    },
  ): Promise<void> {
    const pass = { stream: "relation support", trace: to };
    await this.#pass({ name: "training", split, count }, pass);
  }

  async #pass(
    { name, split, count }: {
      readonly name: "test" | "training";
      readonly split: Split;
      readonly count: number;
    },
    pass: {
      readonly stream: string;
      readonly trace: (features: BatchFeatures, batch: number) => void;
      readonly after?: (position: number, batch: number) => Promise<void>;
    },
  ): Promise<void> {
    const { shape, batchSize, onProgress } = this.#options;
    const stage = `${name} features` as const;
    const data = new ResidentSplit(name, { count: split.count, shape });
    data.upload(this.#memory, split);
    const source = new ResidentBatches(data, { batchSize, limit: count });
    const batching = { count: source.count, batchSize };
    using plans = await bindBatches(this.#memory, {
      name: stage,
      sizes: batchSizes(batching),
      trace: (graph, size) => {
        const batch = source.trace(graph, size);
        pass.trace(this.#features(batch, pass.stream), size);
      },
    });
    for (const batch of consecutiveBatches(batching)) {
      const { start, number, indices: { length } } = batch;
      source.load(this.#memory, batch);
      await plans.runInTurns(length);
      await pass.after?.(start, length);
      if (number % WAIT_EVERY === 0) await this.#memory.device.finished();
      onProgress?.({ stage, count: start + length, of: count });
    }
  }

  /** Traces the features of a batch, clean and attacked. */
  #features(batch: TracedBatch, stream: string): BatchFeatures {
    const { network, attack, seed } = this.#options;
    const call = (images: Tensor) => network.call(images, "eval").features;
    const adversarial = attackInEval(buildAttack(attack), {
      network,
      batch,
      seed,
      stream,
    });
    return {
      clean: call(batch.x),
      robust: call(adversarial),
      labels: batch.labels,
    };
  }
}
