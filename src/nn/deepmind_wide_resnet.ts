// The wide residual networks of Gowal et al. (2020) and of those who built on them
// (Rebuffi et al., 2021; Wang et al., 2023): blocks as in `wide_resnet.ts`, other
// names, SiLU in all published models, and padding as in `deepmind_block.ts`.

import { checked } from "../base/check_fields.ts";
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
import {
  blocksPerGroup,
  checkDepth,
  WIDE_RESNET_SIZES,
  type WideResNetOptions,
} from "./wide_resnet.ts";

/** conv(act(bn(conv(act(bn(x)))))) plus x, or a 1x1 convolution of act(bn(x)). */
class DeepMindBlock extends Module {
  readonly batchnorm_0: BatchNorm2d;
  readonly conv_0: Conv2d;
  readonly batchnorm_1: BatchNorm2d;
  readonly conv_1: Conv2d;
  /** Where the number of channels changes. */
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
    this.conv_0 = sameConv([inputs, outputs], stride);
    this.batchnorm_1 = new BatchNorm2d(outputs);
    this.conv_1 = sameConv([outputs, outputs], 1);
    this.shortcut = inputs === outputs
      ? null
      : new Conv2d([inputs, outputs], { kernelSize: 1, stride });
    this.activation = activation;
  }

  /** x (N, H, W, inputs) to (N, H / stride, W / stride, outputs). */
  call(x: Tensor, mode: Mode): Tensor {
    const first = activated(
      this.activation,
      (options) => this.batchnorm_0.call(x, { mode, ...options }),
    );
    const layers = { conv: this.conv_0, norm: this.batchnorm_1 };
    const inner = activated(
      this.activation,
      (options) => convNorm(first, layers, { mode, ...options }),
    );
    const residual = this.shortcut ? this.shortcut.call(first) : x;
    return this.conv_1.call(inner, { residual });
  }
}

/** Blocks of one width; the reference code nests them in a field named `block`. */
class DeepMindGroup extends Module {
  readonly block: readonly DeepMindBlock[];

  constructor(block: readonly DeepMindBlock[]) {
    super();
    this.block = block;
  }

  call(x: Tensor, mode: Mode): Tensor {
    return this.block.reduce(
      (y, block) => x.graph.checkpoint(() => block.call(y, mode)),
      x,
    );
  }
}

/** Depth, width and activation of a {@linkcode deepMindWideResNet}. */
export interface DeepMindWideResNetOptions extends WideResNetOptions {
  /** SiLU in all published models. */
  readonly activation: Activation;
}

class DeepMindWideResNet extends Network {
  readonly classes: number;
  readonly featureSize: number;
  readonly activation: Activation;
  readonly init_conv: Conv2d;
  readonly layer: readonly DeepMindGroup[];
  readonly batchnorm: BatchNorm2d;
  readonly logits: Linear;

  constructor(
    { classes, depth, width, activation }: DeepMindWideResNetOptions,
  ) {
    super();
    const count = blocksPerGroup(depth);
    const group = (inputs: number, outputs: number, stride: 1 | 2) =>
      new DeepMindGroup(
        Array.from(
          { length: count },
          (_, i) =>
            i === 0
              ? new DeepMindBlock([inputs, outputs], { stride, activation })
              : new DeepMindBlock([outputs, outputs], {
                stride: 1,
                activation,
              }),
        ),
      );
    this.classes = classes;
    this.featureSize = 64 * width;
    this.activation = activation;
    this.init_conv = new Conv2d([3, 16], { kernelSize: 3 });
    this.layer = [
      group(16, 16 * width, 1),
      group(16 * width, 32 * width, 2),
      group(32 * width, 64 * width, 2),
    ];
    this.batchnorm = new BatchNorm2d(this.featureSize);
    this.logits = new Linear([this.featureSize, classes]);
  }

  override call(x: Tensor, mode: Mode): Output {
    const y = this.layer.reduce(
      (y, group) => group.call(y, mode),
      this.init_conv.call(x),
    );
    return headOutput(y, this, { mode });
  }
}

/**
 * DeepMind's WRN-depth-width for 32x32 images. Its published models expect images
 * that are normalized by the mean and deviation of the training set.
 *
 * @throws {RangeError} if the depth is not 6 n + 4.
 */
export function deepMindWideResNet(
  options: DeepMindWideResNetOptions,
): Network {
  return new DeepMindWideResNet(checked(DM_WIDE_RESNET, options));
}

/** DeepMind's wide residual network as a kind. */
export const DM_WIDE_RESNET: NetworkKind<
  NetworkConfig<"dm-wide-resnet", Omit<DeepMindWideResNetOptions, "classes">>
> = {
  network: "dm-wide-resnet",
  about: "DeepMind's wide residual network",
  fields: { ...WIDE_RESNET_SIZES, activation: ACTIVATION },
  check: checkDepth,
  names: Object.fromEntries(
    ["dm-wide-resnet", "dm-wrn"].flatMap((name) =>
      namedActivations(`${name}-DEPTH-WIDTH`).map(([template, activation]) => [
        template,
        (...[depth, width]: readonly number[]) => ({
          network: "dm-wide-resnet",
          depth: depth!,
          width: width!,
          activation,
        }),
      ])
    ),
  ),
  normalized: true,
  examples: ["dm-wide-resnet-28-10", "dm-wide-resnet-28-10-relu"],
  create: deepMindWideResNet,
};
