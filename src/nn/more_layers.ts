// Layers that the networks of the literature here do without, for networks of one's
// own: normalizations within an image, and dropout.

import type { Tensor } from "../graph/tensor.ts";
import { dropout } from "../ops/dropout.ts";
import { groupNorm, layerNorm } from "../ops/norm/layer_norm.ts";
import type { RandomKey } from "../ops/random/random.ts";
import { constant } from "./initializers.ts";
import type { Mode } from "./layers.ts";
import { inLayer, Module, nameOf, Parameter } from "./module.ts";

/** Layer normalization over the channels of each pixel of (…, C). */
export class LayerNorm extends Module {
  /** The scale of each channel, 1 at first. */
  readonly weight: Parameter;
  /** The shift of each channel, 0 at first. */
  readonly bias: Parameter;

  /** A layer for this many channels. */
  constructor(channels: number) {
    super();
    this.weight = new Parameter("weight", [channels], constant(1));
    this.bias = new Parameter("bias", [channels], constant(0));
  }

  /** x (…, C), normalized over its last axis. */
  call(x: Tensor): Tensor {
    return inLayer(this, () => layerNorm(x, this));
  }
}

/** Group normalization of (N, …, C), over all pixels and the channels of a group. */
export class GroupNorm extends Module {
  /** Groups of neighboring channels. */
  readonly groups: number;
  /** The scale of each channel, 1 at first. */
  readonly weight: Parameter;
  /** The shift of each channel, 0 at first. */
  readonly bias: Parameter;

  /** A layer of so many groups for this many channels, as PyTorch's. */
  constructor(groups: number, channels: number) {
    super();
    this.groups = groups;
    this.weight = new Parameter("weight", [channels], constant(1));
    this.bias = new Parameter("bias", [channels], constant(0));
  }

  /** x (N, …, C), normalized. */
  call(x: Tensor): Tensor {
    return inLayer(this, () => groupNorm(x, this));
  }
}

/** The mode of a forward pass, and its random numbers: what `Network.call` is given. */
export interface DropoutPass {
  /** In "eval" nothing is dropped. */
  readonly mode: Mode;
  /** Left out where nothing is dropped. */
  readonly random?: RandomKey | undefined;
}

/** Dropout: in training, numbers become zero with a probability. */
export class Dropout extends Module {
  /** That probability. */
  readonly rate: number;

  /** A layer that drops at this rate, from 0 up to, not including, 1. */
  constructor(rate: number) {
    super();
    this.rate = rate;
  }

  /**
   * x with some numbers zero and the others grown. Layers draw apart from one another;
   * one layer called twice in a pass drops the same places, as do the steps of an
   * attack in "train" mode.
   *
   * @throws {TypeError} without random numbers in training.
   */
  call(x: Tensor, { mode, random }: DropoutPass): Tensor {
    const { rate } = this;
    if (mode === "eval") return x;
    return inLayer(this, () => {
      if (!random) {
        throw new TypeError(
          "Cannot drop numbers: expected the random numbers that a network's " +
            "call is given as its third argument but found none",
        );
      }
      const stream = `${random.stream}/${nameOf(this)}`;
      return dropout(x, { rate, random: { ...random, stream } });
    });
  }
}
