// A network that proposes how to attack each image: a classifier's trunk with one
// linear head per choice, such as the radius or the number of steps (LAS, Jia et al.,
// 2022). A head gives a categorical distribution over its candidates.
//
// The trunk's own classifier is the first head, so that nothing is left unused.

import type { Tensor } from "../graph/tensor.ts";
import { values } from "./initializers.ts";
import { Linear, type Mode } from "./layers.ts";
import { Buffer, Module } from "./module.ts";
import type { Network } from "./network.ts";

/** The candidates of one choice as numbers, in order, and its linear layer. */
class Head extends Module {
  /** (candidates): saved with the network, whose scores mean nothing without them. */
  readonly candidates: Buffer;
  /** Its scores; absent for the first choice, which has the trunk's classifier. */
  readonly linear: readonly [] | readonly [Linear];

  constructor(numbers: readonly number[], linear: Head["linear"]) {
    super();
    const initializer = values(numbers);
    const shape = [numbers.length];
    this.candidates = new Buffer("candidates", shape, initializer);
    this.linear = linear;
  }
}

/** Options of a {@linkcode StrategyNetwork}. */
export interface StrategyNetworkOptions<Choice extends string> {
  /** Candidates of each choice; at least one choice. */
  readonly candidates: ReadonlyMap<Choice, readonly number[]>;
  /** Makes the trunk, a classifier of so many classes. */
  readonly trunk: (classes: number) => Network;
}

/** The network's output for one choice. */
export interface Proposal {
  /** Scores of the candidates before the softmax: (N, candidates). */
  readonly logits: Tensor;
  /** The candidates as numbers. */
  readonly candidates: Buffer;
}

/** Images (N, H, W, 3) in [0, 1] to a {@linkcode Proposal} per choice. */
export class StrategyNetwork<Choice extends string = string> extends Module {
  /** The convolutional part, and the head of the first choice. */
  readonly trunk: Network;
  /** The choices in the order of {@linkcode StrategyNetwork.names}. */
  readonly choices: readonly Head[];
  /** Names of the choices. */
  readonly names: readonly Choice[];

  /** A network for these choices. */
  constructor({ candidates, trunk }: StrategyNetworkOptions<Choice>) {
    super();
    const all = [...candidates];
    this.names = all.map(([name]) => name);
    this.trunk = trunk(all[0]![1].length);
    const { featureSize } = this.trunk;
    this.choices = all.map(([, numbers], i) =>
      new Head(
        numbers,
        i === 0 ? [] : [new Linear([featureSize, numbers.length])],
      )
    );
  }

  /** Traces a forward pass: a proposal for each choice, in their order. */
  call(x: Tensor, mode: Mode): Map<Choice, Proposal> {
    const { logits, features } = this.trunk.call(x, mode);
    return new Map(this.choices.map(({ candidates, linear: [linear] }, i) => [
      this.names[i]!,
      { logits: linear ? linear.call(features) : logits, candidates },
    ]));
  }
}
