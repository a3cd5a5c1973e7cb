// Running statistics of a network from a pass over the training images, as `update_bn` of
// PyTorch computes them for averaged weights: the mean over batches of each batch's
// statistics, of clean images, cropped and mirrored as in training.

import { batchAt, type Batching, stepsPerEpoch } from "../data/sampler.ts";
import type { Memory } from "../gpu/memory.ts";
import type { Graph } from "../graph/graph.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import {
  runningStatisticsOp,
  type RunningStatisticsParams,
  updateRunningStatistics,
} from "../ops/norm/batch_norm.ts";
import { lerp } from "../ops/lerp.ts";
import { store } from "../ops/store.ts";
import type { Materialized } from "../nn/module.ts";
import type { Network } from "../nn/network.ts";
import { type BatchPlans, batchSizes, bindBatches } from "./batch_programs.ts";

/** The network, and the images of a batch. */
export interface StatisticsPass {
  readonly network: Materialized<Network>;
  readonly batching: Batching;
  /** Traces a batch of images (N, H, W, C), whose place and number are set by `place`. */
  readonly images: (graph: Graph, size: number) => Tensor;
  /** Sets the batch that the next run sees: its number, and the place of its first image. */
  readonly place: (batch: { number: number; start: number }) => void;
}

/** The programs of a pass over the training images. Dispose of it. */
export class RecomputedStatistics {
  readonly #memory: Memory;
  readonly #pass: StatisticsPass;
  readonly #plans: BatchPlans;
  readonly #weight: Variable;

  private constructor(
    memory: Memory,
    { pass, plans, weight }: {
      readonly pass: StatisticsPass;
      readonly plans: BatchPlans;
      readonly weight: Variable;
    },
  ) {
    this.#memory = memory;
    this.#pass = pass;
    this.#plans = plans;
    this.#weight = weight;
  }

  /** Traces and binds the pass. */
  static async bind(
    memory: Memory,
    pass: StatisticsPass,
  ): Promise<RecomputedStatistics> {
    const weight = new Variable("weight of the batch", []);
    const { shape } = pass.network.buffers!;
    const mean = new Variable("mean statistics", shape);
    const { dropLast, ...sizes } = pass.batching;
    const [full, rest] = batchSizes(sizes) as [number, number?];
    const plans = await bindBatches(memory, {
      name: "running statistics",
      sizes: rest === undefined || dropLast ? [full] : [full, rest],
      trace: (graph, size) => {
        const images = pass.images(graph, size);
        const moving = { mean, weight: graph.read(weight) };
        traceStatistics(images, { ...pass, ...moving });
      },
    });
    return new RecomputedStatistics(memory, { pass, plans, weight });
  }

  /** Sets the running statistics to those of the training images. */
  async run(): Promise<void> {
    const { batching, place } = this.#pass;
    const batches = stepsPerEpoch(batching);
    for (let number = 0; number < batches; number++) {
      const { start, size } = batchAt(number, batching);
      place({ number, start });
      this.#memory.write(this.#weight, Float32Array.of(1 / (number + 1)));
      await this.#plans.runInTurns(size);
    }
  }

  /** Releases the programs. */
  dispose(): void {
    this.#plans.dispose();
  }
}

/** Traces one batch, and the statistics of the network after it: its weight is 1 / n, if it is the n-th. */
export function traceStatistics(
  images: Tensor,
  { network: { module, buffers }, mean: total, weight }: {
    readonly network: Pick<Materialized<Network>, "module" | "buffers">;
    /** The mean over the batches so far. */
    readonly mean: Variable;
    readonly weight: Tensor;
  },
): void {
  const { nodes } = images.graph;
  const before = nodes.length;
  module.call(images, "train");
  const updates = nodes.slice(before)
    .filter(({ op }) => op === runningStatisticsOp);
  const ofBatch = new Variable("statistics of the batch", buffers!.shape);
  for (const { inputs, params } of updates) {
    const [mean, variance, ...running] = inputs;
    const [ownMean, ownVariance] = running.map(({ source }) => {
      const variable = source as Variable;
      return ofBatch.slice(variable.name, variable.byteOffset, variable);
    });
    // With a momentum of 1 they become the batch's, the variance unbiased.
    updateRunningStatistics(
      { mean: ownMean!, variance: ownVariance! },
      {
        ...params as RunningStatisticsParams,
        mean: mean!,
        variance: variance!,
        momentum: 1,
      },
    );
  }
  lerp(total, { newest: ofBatch, weight });
  store(images.graph.read(total), buffers!);
}
