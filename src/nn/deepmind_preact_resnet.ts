// DeepMind's pre-activation ResNet-18 (Rebuffi et al., 2021; Gowal et al., 2021;
// Rade & Moosavi-Dezfooli, 2021). It differs from `preact_resnet.ts` in its names,
// in 3x3 filters where a shortcut changes the shape, in the activation, and in
// the padding of `deepmind_block.ts`.

import type { NetworkConfig, NetworkKind } from "./network_kind.ts";
import type { Tensor } from "../graph/tensor.ts";
import {
  activated,
  ACTIVATION,
  type Activation,
  namedActivations,
} from "./activation.ts";
import { headOutput, sameConv } from "./deepmind_block.ts";
import { BatchNorm2d, Conv2d, convNorm, Linear, type Mode } from "./layers.ts";
import { Module } from "./module.ts";
import { Network, type Output } from "./network.ts";

/** conv(act(bn(conv(act(bn(x)))))) plus x, or a 3x3 convolution of x itself. */
class DeepMindPreActBlock extends Module {
  readonly batchnorm_0: BatchNorm2d;
  readonly conv_2d_1: Conv2d;
  readonly batchnorm_1: BatchNorm2d;
  readonly conv_2d_2: Conv2d;
  /** Where the shape changes. */
  readonly shortcut: Conv2d | null;
  readonly activation: Activation;

  constructor(
    [inputs, outputs]: readonly [number, number],
    { stride, activation }: {
      readonly stride: 1 | 2;
      readonly activation: Activation;
    },
  ) {
    super();
    this.batchnorm_0 = new BatchNorm2d(inputs);
    this.conv_2d_1 = sameConv([inputs, outputs], stride);
    this.batchnorm_1 = new BatchNorm2d(outputs);
    this.conv_2d_2 = sameConv([outputs, outputs], 1);
    this.shortcut = stride === 1 && inputs === outputs
      ? null
      : sameConv([inputs, outputs], stride);
    this.activation = activation;
  }

  /** x (N, H, W, inputs) to (N, H / stride, W / stride, outputs). */
  call(x: Tensor, mode: Mode): Tensor {
    const first = activated(
      this.activation,
      (options) => this.batchnorm_0.call(x, { mode, ...options }),
    );
    const layers = { conv: this.conv_2d_1, norm: this.batchnorm_1 };
    const inner = activated(
      this.activation,
      (options) => convNorm(first, layers, { mode, ...options }),
    );
    const residual = this.shortcut ? this.shortcut.call(x) : x;
    return this.conv_2d_2.call(inner, { residual });
  }
}

/** The shape of a {@linkcode deepMindPreActResNet18}. */
export interface DeepMindPreActResNetOptions {
  /** Number of logits. */
  readonly classes: number;
  /** SiLU in all published models. */
  readonly activation: Activation;
  /** Channels of the four stages; 64, 128, 256 and 512 if left out. */
  readonly widths?: readonly [number, number, number, number];
}

class DeepMindPreActResNet extends Network {
  readonly classes: number;
  readonly featureSize: number;
  readonly activation: Activation;
  readonly conv_2d: Conv2d;
  readonly layer_0: readonly DeepMindPreActBlock[];
  readonly layer_1: readonly DeepMindPreActBlock[];
  readonly layer_2: readonly DeepMindPreActBlock[];
  readonly layer_3: readonly DeepMindPreActBlock[];
  readonly batchnorm: BatchNorm2d;
  readonly logits: Linear;

  constructor(
    { classes, activation, widths = [64, 128, 256, 512] }:
      DeepMindPreActResNetOptions,
  ) {
    super();
    const stage = (inputs: number, outputs: number, stride: 1 | 2) => [
      new DeepMindPreActBlock([inputs, outputs], { stride, activation }),
      new DeepMindPreActBlock([outputs, outputs], { stride: 1, activation }),
    ];
    this.classes = classes;
    this.featureSize = widths[3];
    this.activation = activation;
    this.conv_2d = new Conv2d([3, widths[0]], { kernelSize: 3 });
    this.layer_0 = stage(widths[0], widths[0], 1);
    this.layer_1 = stage(widths[0], widths[1], 2);
    this.layer_2 = stage(widths[1], widths[2], 2);
    this.layer_3 = stage(widths[2], widths[3], 2);
    this.batchnorm = new BatchNorm2d(widths[3]);
    this.logits = new Linear([widths[3], classes]);
  }

  override call(x: Tensor, mode: Mode): Output {
    const blocks = [this.layer_0, this.layer_1, this.layer_2, this.layer_3];
    const y = blocks.flat().reduce(
      (y, block) => x.graph.checkpoint(() => block.call(y, mode)),
      this.conv_2d.call(x),
    );
    return headOutput(y, this, { mode });
  }
}

/**
 * DeepMind's PreActResNet-18 for 32x32 images. Its published models expect images
 * that are normalized by the mean and deviation of the training set.
 */
export function deepMindPreActResNet18(
  options: DeepMindPreActResNetOptions,
): Network {
  return new DeepMindPreActResNet(options);
}

/** DeepMind's pre-activation ResNet-18 as a kind. */
export const DM_PREACT_RESNET18: NetworkKind<
  NetworkConfig<"dm-preact-resnet18", { readonly activation: Activation }>
> = {
  network: "dm-preact-resnet18",
  about: "DeepMind's pre-activation ResNet-18",
  fields: { activation: ACTIVATION },
  names: Object.fromEntries(
    namedActivations("dm-preact-resnet18").map(([name, activation]) => [
      name,
      () => ({ network: "dm-preact-resnet18", activation }),
    ]),
  ),
  normalized: true,
  examples: ["dm-preact-resnet18"],
  create: deepMindPreActResNet18,
};
