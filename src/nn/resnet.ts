// Residual networks for 32x32 images (He et al., 2016), in the form that the
// robustness literature uses: a 3x3 stem, stages of basic blocks, global average
// pooling. Names follow kuangliu's and TRADES' PyTorch code.
//
// LBGAT's teacher has stride 1 in its second stage where the usual ResNet-18 has 2:
// the same parameters, three times the arithmetic.

import { checked } from "../base/check_fields.ts";
import { whole } from "../base/fields.ts";
import type { NetworkConfig, NetworkKind } from "./network_kind.ts";
import type { Tensor } from "../graph/tensor.ts";
import { globalAveragePool } from "../ops/reduce/pool.ts";
import { BatchNorm2d, Conv2d, convNorm, Linear, type Mode } from "./layers.ts";
import { Module } from "./module.ts";
import { Network, type Output } from "./network.ts";

/** relu(bn(conv(relu(bn(conv(x))))) + shortcut(x)). */
export class BasicBlock extends Module {
  static readonly expansion = 1;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  /** A 1x1 convolution and its normalization, where the shape changes; else empty. */
  readonly shortcut: readonly [] | readonly [Conv2d, BatchNorm2d];

  constructor([inputs, outputs]: readonly [number, number], stride: number) {
    super();
    this.conv1 = new Conv2d([inputs, outputs], { kernelSize: 3, stride });
    this.bn1 = new BatchNorm2d(outputs);
    this.conv2 = new Conv2d([outputs, outputs], { kernelSize: 3 });
    this.bn2 = new BatchNorm2d(outputs);
    this.shortcut = stride === 1 && inputs === outputs ? [] : [
      new Conv2d([inputs, outputs], { kernelSize: 1, stride }),
      new BatchNorm2d(outputs),
    ];
  }

  /** x (N, H, W, inputs) to (N, H / stride, W / stride, outputs). */
  call(x: Tensor, mode: Mode): Tensor {
    const inner = convNorm(x, { conv: this.conv1, norm: this.bn1 }, {
      mode,
      relu: true,
    });
    const [conv, norm] = this.shortcut;
    const residual = conv && norm ? convNorm(x, { conv, norm }, { mode }) : x;
    return convNorm(inner, { conv: this.conv2, norm: this.bn2 }, {
      mode,
      relu: true,
      residual,
    });
  }
}

/** A block of a residual network. */
export interface ResidualBlock extends Module {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  /** x (N, H, W, inputs) to (N, H / stride, W / stride, outputs). */
  call(x: Tensor, mode: Mode): Tensor;
}

/** A kind of block. */
export interface ResidualBlockClass {
  /** Outputs of a block by its width. */
  readonly expansion: number;
  new (
    channels: readonly [inputs: number, width: number],
    stride: number,
  ): ResidualBlock;
}

/** The shape of a {@linkcode ResNet}: one entry per stage. */
export interface ResNetOptions {
  readonly classes: number;
  /** The blocks of stages; {@linkcode BasicBlock} if left out. */
  readonly block?: ResidualBlockClass;
  readonly blocks: readonly number[];
  readonly widths: readonly number[];
  readonly strides: readonly number[];
}

/** A residual network of up to four stages. */
export class ResNet extends Network {
  readonly classes: number;
  readonly featureSize: number;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: readonly ResidualBlock[];
  readonly layer2: readonly ResidualBlock[];
  readonly layer3: readonly ResidualBlock[];
  readonly layer4: readonly ResidualBlock[];
  readonly linear: Linear;

  constructor(options: ResNetOptions) {
    super();
    const { classes, blocks, widths, strides, block: Block = BasicBlock } =
      options;
    const stem = widths[0]!;
    const stage = (index: number): ResidualBlock[] =>
      Array.from({ length: blocks[index] ?? 0 }, (_, i) => {
        const before = widths[i > 0 ? index : index - 1];
        const inputs = before === undefined ? stem : before * Block.expansion;
        const stride = i > 0 ? 1 : strides[index]!;
        return new Block([inputs, widths[index]!], stride);
      });
    this.classes = classes;
    this.featureSize = widths.at(-1)! * Block.expansion;
    this.conv1 = new Conv2d([3, stem], { kernelSize: 3 });
    this.bn1 = new BatchNorm2d(stem);
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.layer4 = stage(3);
    this.linear = new Linear([this.featureSize, classes]);
  }

  override call(x: Tensor, mode: Mode): Output {
    let y = convNorm(x, { conv: this.conv1, norm: this.bn1 }, {
      mode,
      relu: true,
    });
    for (const stage of [this.layer1, this.layer2, this.layer3, this.layer4]) {
      for (const block of stage) {
        const input = y;
        y = x.graph.checkpoint(() => block.call(input, mode));
      }
    }
    const features = globalAveragePool(y);
    return { logits: this.linear.call(features), features };
  }
}

/** ResNet-8: stages of 16, 32 and 64 channels with one block each, or wider. */
export function resnet8(
  options: { readonly classes: number; readonly width?: number },
): Network {
  const { classes, width = 16 } = checked(RESNET8, options);
  return new ResNet({
    classes,
    blocks: [1, 1, 1],
    widths: [width, 2 * width, 4 * width],
    strides: [1, 2, 2],
  });
}

/** The ResNet-18 of nearly every robustness paper: stages at 32, 16, 8 and 4 pixels. */
export function resnet18({ classes }: { readonly classes: number }): Network {
  return new ResNet({
    classes,
    blocks: [2, 2, 2, 2],
    widths: [64, 128, 256, 512],
    strides: [1, 2, 2, 2],
  });
}

/** LBGAT's ResNet18_cifar: stages at 32, 32, 16 and 8 pixels. */
export function resnet18Lbgat(
  { classes }: { readonly classes: number },
): Network {
  return new ResNet({
    classes,
    blocks: [2, 2, 2, 2],
    widths: [64, 128, 256, 512],
    strides: [1, 1, 2, 2],
  });
}

/** ResNet-8 as a kind. */
export const RESNET8: NetworkKind<
  NetworkConfig<"resnet8", { readonly width: number }>
> = {
  network: "resnet8",
  about: "three stages of one block",
  fields: {
    width: whole({
      least: 1,
      ceiling: 4096,
      about: "channels of the first stage",
    }),
  },
  names: {
    "resnet8": () => ({ network: "resnet8", width: 16 }),
    "resnet8-WIDTH": (width) => ({ network: "resnet8", width: width! }),
  },
  examples: ["resnet8-16"],
  create: resnet8,
};

/** ResNet-18 as a kind. */
export const RESNET18: NetworkKind<NetworkConfig<"resnet18">> = {
  network: "resnet18",
  about: "four stages of two blocks",
  fields: {},
  names: { "resnet18": () => ({ network: "resnet18" }) },
  examples: ["resnet18"],
  create: resnet18,
};

/** LBGAT's ResNet-18 as a kind. */
export const RESNET18_LBGAT: NetworkKind<NetworkConfig<"resnet18-lbgat">> = {
  network: "resnet18-lbgat",
  about: "LBGAT's, with stages at 32, 32, 16 and 8 pixels",
  fields: {},
  names: { "resnet18-lbgat": () => ({ network: "resnet18-lbgat" }) },
  examples: ["resnet18-lbgat"],
  create: resnet18Lbgat,
};
