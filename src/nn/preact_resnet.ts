// The pre-activation ResNet-18 (He et al., 2016) in the three forms in which robust
// models were published. Where the shape changes, a 1x1 convolution without a
// normalization of its own takes the shortcut: of a block's raw input in fast
// adversarial training, AWP and robust overfitting, of the activated input in
// kuangliu's code. And some lack the normalization before pooling. A file of tensors
// shows this last difference, but not the input of a shortcut.

import type { NetworkConfig, NetworkKind } from "./network_kind.ts";
import type { Tensor } from "../graph/tensor.ts";
import { globalAveragePool } from "../ops/reduce/pool.ts";
import { BatchNorm2d, Conv2d, convNorm, Linear, type Mode } from "./layers.ts";
import { Module } from "./module.ts";
import { Network, type Output } from "./network.ts";

/** The input of a 1x1 shortcut: a block's input x, or relu(bn(x)). */
export type PreActShortcut = "raw" | "activated";

/** conv(relu(bn(conv(relu(bn(x)))))) + the shortcut of x. */
export class PreActBlock extends Module {
  readonly bn1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv2: Conv2d;
  /** A 1x1 convolution where the shape changes; else empty. */
  readonly shortcut: readonly [] | readonly [Conv2d];
  readonly shortcutOf: PreActShortcut;

  constructor(
    [inputs, outputs]: readonly [number, number],
    { stride, shortcutOf }: {
      readonly stride: number;
      readonly shortcutOf: PreActShortcut;
    },
  ) {
    super();
    this.shortcutOf = shortcutOf;
    this.bn1 = new BatchNorm2d(inputs);
    this.conv1 = new Conv2d([inputs, outputs], { kernelSize: 3, stride });
    this.bn2 = new BatchNorm2d(outputs);
    this.conv2 = new Conv2d([outputs, outputs], { kernelSize: 3 });
    this.shortcut = stride === 1 && inputs === outputs
      ? []
      : [new Conv2d([inputs, outputs], { kernelSize: 1, stride })];
  }

  /** x (N, H, W, inputs) to (N, H / stride, W / stride, outputs). */
  call(x: Tensor, mode: Mode): Tensor {
    const activated = this.bn1.call(x, { mode, relu: true });
    const inner = convNorm(activated, { conv: this.conv1, norm: this.bn2 }, {
      mode,
      relu: true,
    });
    const [shortcut] = this.shortcut;
    const seen = this.shortcutOf === "raw" ? x : activated;
    const residual = shortcut ? shortcut.call(seen) : x;
    return this.conv2.call(inner, { residual });
  }
}

/** Options of a {@linkcode PreActResNet18}. */
export interface PreActResNetOptions {
  /** Number of logits. */
  readonly classes: number;
  /** The input of 1x1 shortcuts; a block's raw input if left out. */
  readonly shortcutOf?: PreActShortcut;
  /** Whether a normalization and a ReLU come before pooling; they do if left out. */
  readonly finalNorm?: boolean;
  /** Channels of the four stages; 64, 128, 256 and 512 if left out. */
  readonly widths?: readonly [number, number, number, number];
}

/** Four stages of two blocks, at 32, 16, 8 and 4 pixels. */
export class PreActResNet18 extends Network {
  readonly classes: number;
  readonly featureSize: number;
  readonly conv1: Conv2d;
  readonly layer1: readonly PreActBlock[];
  readonly layer2: readonly PreActBlock[];
  readonly layer3: readonly PreActBlock[];
  readonly layer4: readonly PreActBlock[];
  readonly bn: BatchNorm2d | null;
  readonly linear: Linear;

  constructor(options: PreActResNetOptions) {
    super();
    const { classes, shortcutOf = "raw", finalNorm = true } = options;
    const { widths = [64, 128, 256, 512] as const } = options;
    const stage = (inputs: number, outputs: number, stride: number) => [
      new PreActBlock([inputs, outputs], { stride, shortcutOf }),
      new PreActBlock([outputs, outputs], { stride: 1, shortcutOf }),
    ];
    this.classes = classes;
    this.featureSize = widths[3];
    this.conv1 = new Conv2d([3, widths[0]], { kernelSize: 3 });
    this.layer1 = stage(widths[0], widths[0], 1);
    this.layer2 = stage(widths[0], widths[1], 2);
    this.layer3 = stage(widths[1], widths[2], 2);
    this.layer4 = stage(widths[2], widths[3], 2);
    this.bn = finalNorm ? new BatchNorm2d(widths[3]) : null;
    this.linear = new Linear([widths[3], classes]);
  }

  override call(x: Tensor, mode: Mode): Output {
    let y = this.conv1.call(x);
    for (const stage of [this.layer1, this.layer2, this.layer3, this.layer4]) {
      for (const block of stage) {
        const input = y;
        y = x.graph.checkpoint(() => block.call(input, mode));
      }
    }
    if (this.bn) y = this.bn.call(y, { mode, relu: true });
    const features = globalAveragePool(y);
    return { logits: this.linear.call(features), features };
  }
}

/** PreActResNet-18 for 32x32 images. */
export function preActResNet18(options: PreActResNetOptions): Network {
  return new PreActResNet18(options);
}

/** The pre-activation ResNet-18 of AWP as a kind. */
export const PREACT_RESNET18: NetworkKind<NetworkConfig<"preact-resnet18">> = {
  network: "preact-resnet18",
  about: "that of AWP and robust overfitting",
  fields: {},
  names: { "preact-resnet18": () => ({ network: "preact-resnet18" }) },
  examples: ["preact-resnet18"],
  create: preActResNet18,
};

/** The pre-activation ResNet-18 of fast adversarial training as a kind. */
export const PREACT_RESNET18_NO_BN: NetworkKind<
  NetworkConfig<"preact-resnet18-no-bn">
> = {
  network: "preact-resnet18-no-bn",
  about: "without the normalization before pooling (Wong et al., 2020)",
  fields: {},
  names: {
    "preact-resnet18-no-bn": () => ({ network: "preact-resnet18-no-bn" }),
  },
  examples: ["preact-resnet18-no-bn"],
  create: ({ classes }) => preActResNet18({ classes, finalNorm: false }),
};

/** RobustBench's second pre-activation ResNet-18 as a kind. */
export const PREACT_RESNET18_V2: NetworkKind<
  NetworkConfig<"preact-resnet18-v2">
> = {
  network: "preact-resnet18-v2",
  about: "with shortcuts of the activated input",
  fields: {},
  names: { "preact-resnet18-v2": () => ({ network: "preact-resnet18-v2" }) },
  examples: ["preact-resnet18-v2"],
  create: ({ classes }) => preActResNet18({ classes, shortcutOf: "activated" }),
};
