// The part of each batch that a rank computes, and what it exchanges with the others in a
// step. A run of one process has the whole batch, and exchanges nothing.
//
// Losses are means over a batch. A rank's loss is the mean over its share, and has its part
// of the batch for a factor: gradients then only have to be added.

import { type RankPlace, type Share, sharesOf } from "../base/communicator.ts";
import { UserError } from "../base/errors.ts";
import type { Graph } from "../graph/graph.ts";
import type { Tensor, Variable } from "../graph/tensor.ts";
import type { StepEffects } from "../methods/step_effects.ts";
import type { ViewSources } from "../methods/traced_views.ts";
import type { Module } from "../nn/module.ts";
import { gatherRanks, reduceRanks } from "../ops/exchange.ts";
import { mulScalar } from "../ops/pointwise.ts";
import { store } from "../ops/store.ts";
import type { StepInputs } from "./step_inputs.ts";
import type { TrainedNetwork } from "./trained_network.ts";

/** A rank's part of a batch. */
export class BatchShare implements Share {
  /** The place of its first image in the whole batch. */
  readonly first: number;
  /** Its images. */
  readonly count: number;
  /** The images of the whole batch. */
  readonly total: number;
  /** Whether there are other ranks, at least in principle. */
  readonly shared: boolean;
  readonly #rank: number;
  readonly #shares: readonly Share[];

  /** The share of a batch of `total` images; all of it without ranks. */
  constructor(total: number, ranks: RankPlace | null) {
    const { rank, size } = ranks ?? { rank: 0, size: 1 };
    this.#shares = sharesOf(total, size);
    this.#rank = rank;
    this.total = total;
    this.shared = ranks !== null;
    ({ first: this.first, count: this.count } = this.#shares[rank]!);
  }

  /** The part of the batch that it is, from 0 to 1. */
  get weight(): number {
    return this.count / this.total;
  }

  /** A mean over the share, as a part of the sum over all ranks. */
  weighted(loss: Tensor): Tensor {
    return this.weight === 1 ? loss : mulScalar(loss, this.weight);
  }

  /** How views of the share see the whole batch; empty without other ranks. */
  get sources(): Pick<ViewSources, "ofAllRanks"> {
    if (!this.shared) return {};
    const [rank, shares] = [this.#rank, this.#shares];
    return {
      ofAllRanks: (features) => gatherRanks(features, { rank, shares }),
    };
  }
}

/** Gradients of networks with respect to their parameters, in the parameters' order. */
export type Gradients = Map<TrainedNetwork<Module>, Tensor[]>;

/**
 * Exchanges what a step has computed, and returns the gradients of the whole batch. Running
 * statistics become the means of the ranks', and the running sums of measurements go to
 * rank 0, whose memory is then that of a run of one process.
 */
export function exchangeStep(
  graph: Graph,
  inputs: StepInputs,
  { gradients, share }: {
    readonly gradients: Gradients;
    readonly share: BatchShare;
  },
): Gradients {
  const networks = [...gradients.keys()];
  for (const [network, own] of gradients) network.storeGradients(own);
  for (const { gradients } of networks) {
    reduceRanks(gradients, { kind: "sum", graph });
  }
  averageStatistics(graph, inputs, share);
  reduceRanks(inputs.sums.variable, { kind: "total", graph });
  return new Map(
    networks.map((network) => [network, network.readGradients(graph)]),
  );
}

/** Replaces running statistics of networks that learn by their means over all ranks. */
export function averageStatistics(
  graph: Graph,
  { student, teacher, method: { pretrained } }: StepInputs,
  { weight }: BatchShare,
): void {
  for (const network of [student, pretrained?.frozen ? null : teacher]) {
    const { buffers = null } = network?.materialized ?? {};
    if (buffers) reduceRanks(buffers, { kind: "mean", weight, graph });
  }
}

/** The sums over all ranks of gradients of some of a network's parameters. */
export function summedGradients(
  network: TrainedNetwork,
  gradients: ReadonlyMap<Variable, Tensor>,
): Map<Variable, Tensor> {
  const { graph } = [...gradients.values()][0]!;
  const places = network.gradientsOf([...gradients.keys()]);
  for (const [parameter, gradient] of gradients) {
    store(gradient, places.get(parameter)!);
  }
  reduceRanks(network.gradients, { kind: "sum", graph });
  return new Map(
    [...places].map(([parameter, place]) => [parameter, graph.read(place)]),
  );
}

/**
 * Refuses methods that keep what they learn from each image, which other ranks lack, and
 * those that look ahead at the next step.
 *
 * @throws {UserError} saying what would run.
 */
export function checkShareable(
  { auxiliaryLosses, updates }: Pick<
    StepEffects,
    "auxiliaryLosses" | "updates"
  >,
): void {
  if (auxiliaryLosses.size + updates.length === 0) return;
  throw new UserError(
    "Cannot train on ranks: expected a method without a memory of images or a " +
      `strategy of its own but found ${
        updates.length > 0 ? "a memory" : "a strategy"
      }; it runs in one process`,
  );
}
