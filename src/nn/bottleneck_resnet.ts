// ResNet-50 (He et al., 2016) for 32x32 images, as in kuangliu's code and as
// RobustBench loads it: the stem and stages of `resnet.ts` with blocks that narrow
// their input to a quarter, filter it, and widen it again.

import type { NetworkConfig, NetworkKind } from "./network_kind.ts";
import type { Tensor } from "../graph/tensor.ts";
import { BatchNorm2d, Conv2d, convNorm, type Mode } from "./layers.ts";
import { Module } from "./module.ts";
import type { Network } from "./network.ts";
import { ResNet } from "./resnet.ts";

/** relu(bn(1x1(relu(bn(3x3(relu(bn(1x1(x)))))))) + shortcut(x)). */
export class Bottleneck extends Module {
  static readonly expansion = 4;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  /** A 1x1 convolution and its normalization, where the shape changes; else empty. */
  readonly shortcut: readonly [] | readonly [Conv2d, BatchNorm2d];

  /** A block of the given width, with four times as many outputs. */
  constructor([inputs, width]: readonly [number, number], stride: number) {
    super();
    const outputs = width * Bottleneck.expansion;
    this.conv1 = new Conv2d([inputs, width], { kernelSize: 1 });
    this.bn1 = new BatchNorm2d(width);
    this.conv2 = new Conv2d([width, width], { kernelSize: 3, stride });
    this.bn2 = new BatchNorm2d(width);
    this.conv3 = new Conv2d([width, outputs], { kernelSize: 1 });
    this.bn3 = new BatchNorm2d(outputs);
    this.shortcut = stride === 1 && inputs === outputs ? [] : [
      new Conv2d([inputs, outputs], { kernelSize: 1, stride }),
      new BatchNorm2d(outputs),
    ];
  }

  /** x (N, H, W, inputs) to (N, H / stride, W / stride, 4 width). */
  call(x: Tensor, mode: Mode): Tensor {
    const narrow = convNorm(x, { conv: this.conv1, norm: this.bn1 }, {
      mode,
      relu: true,
    });
    const inner = convNorm(narrow, { conv: this.conv2, norm: this.bn2 }, {
      mode,
      relu: true,
    });
    const [conv, norm] = this.shortcut;
    const residual = conv && norm ? convNorm(x, { conv, norm }, { mode }) : x;
    return convNorm(inner, { conv: this.conv3, norm: this.bn3 }, {
      mode,
      relu: true,
      residual,
    });
  }
}

/** ResNet-50: stages of 3, 4, 6 and 3 blocks at 32, 16, 8 and 4 pixels. */
export function resnet50({ classes }: { readonly classes: number }): Network {
  return new ResNet({
    classes,
    block: Bottleneck,
    blocks: [3, 4, 6, 3],
    widths: [64, 128, 256, 512],
    strides: [1, 2, 2, 2],
  });
}

/** ResNet-50 as a kind. */
export const RESNET50: NetworkKind<NetworkConfig<"resnet50">> = {
  network: "resnet50",
  about: "four stages of 3, 4, 6 and 3 bottlenecks",
  fields: {},
  names: { "resnet50": () => ({ network: "resnet50" }) },
  examples: ["resnet50"],
  create: resnet50,
};
