// The common parts of DeepMind's robust networks (Gowal et al., 2020; Rebuffi et al.,
// 2021), as in the PyTorch code that was published with them: pre-activation,
// a choice of activation, and the padding of TensorFlow, in which they were first
// written. A strided filter is padded behind the image alone, so that its taps
// stand one pixel from where PyTorch's padding would put them.

import type { Tensor } from "../graph/tensor.ts";
import { globalAveragePool } from "../ops/reduce/pool.ts";
import { activated, type Activation } from "./activation.ts";
import { type BatchNorm2d, Conv2d, type Linear, type Mode } from "./layers.ts";
import type { Output } from "./network.ts";

/** A 3x3 convolution whose output is as large as its input, or half as large. */
export function sameConv(
  channels: readonly [number, number],
  stride: 1 | 2,
): Conv2d {
  return new Conv2d(channels, {
    kernelSize: 3,
    stride,
    padding: stride === 1 ? 1 : 0,
    paddingEnd: 1,
  });
}

/** The end of a network, after its last block. */
export interface Head {
  /** The last normalization. */
  readonly batchnorm: BatchNorm2d;
  /** The activation after it. */
  readonly activation: Activation;
  /** The linear layer. */
  readonly logits: Linear;
}

/** The output for the last block's y (N, H, W, C): normalized, activated and pooled. */
export function headOutput(
  y: Tensor,
  { batchnorm, activation, logits }: Head,
  { mode }: { readonly mode: Mode },
): Output {
  const features = globalAveragePool(activated(
    activation,
    (options) => batchnorm.call(y, { mode, ...options }),
  ));
  return { logits: logits.call(features), features };
}
