// The pre-activation ResNet-18 (He et al., 2016) of fast adversarial training, AWP
// and robust overfitting. As in that code, a block's 1x1 shortcut sees the raw
// input and has no normalization of its own.

import type { Tensor } from "../graph/tensor.ts";
import { globalAveragePool } from "../ops/pool.ts";
import { BatchNorm2d, Conv2d, convNorm, Linear, type Mode } from "./layers.ts";
import { Module } from "./module.ts";
import { Network, type Output } from "./network.ts";

/** conv(relu(bn(conv(relu(bn(x)))))) + shortcut(x). */
export class PreActBlock extends Module {
  readonly bn1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv2: Conv2d;
  /** A 1x1 convolution where the shape changes; else empty. */
  readonly shortcut: readonly [] | readonly [Conv2d];

  constructor([inputs, outputs]: readonly [number, number], stride: number) {
    super();
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
    const residual = shortcut ? shortcut.call(x) : x;
    return this.conv2.call(inner, { residual });
  }
}

/** Four stages of two blocks, at 32, 16, 8 and 4 pixels. */
export class PreActResNet18 extends Network {
  readonly classes: number;
  readonly featureSize = 512;
  readonly conv1: Conv2d;
  readonly layer1: readonly PreActBlock[];
  readonly layer2: readonly PreActBlock[];
  readonly layer3: readonly PreActBlock[];
  readonly layer4: readonly PreActBlock[];
  readonly bn: BatchNorm2d;
  readonly linear: Linear;

  constructor(classes: number) {
    super();
    const stage = (inputs: number, outputs: number, stride: number) => [
      new PreActBlock([inputs, outputs], stride),
      new PreActBlock([outputs, outputs], 1),
    ];
    this.classes = classes;
    this.conv1 = new Conv2d([3, 64], { kernelSize: 3 });
    this.layer1 = stage(64, 64, 1);
    this.layer2 = stage(64, 128, 2);
    this.layer3 = stage(128, 256, 2);
    this.layer4 = stage(256, 512, 2);
    this.bn = new BatchNorm2d(512);
    this.linear = new Linear([512, classes]);
  }

  override call(x: Tensor, mode: Mode): Output {
    let y = this.conv1.call(x);
    for (const stage of [this.layer1, this.layer2, this.layer3, this.layer4]) {
      for (const block of stage) {
        const input = y;
        y = x.graph.segment(() => block.call(input, mode));
      }
    }
    const features = globalAveragePool(this.bn.call(y, { mode, relu: true }));
    return { logits: this.linear.call(features), features };
  }
}

/** PreActResNet-18 for 32x32 images. */
export function preActResNet18(
  { classes }: { readonly classes: number },
): Network {
  return new PreActResNet18(classes);
}
