// Wide residual networks (Zagoruyko & Komodakis, 2016) as in TRADES and LBGAT:
// pre-activation blocks, three groups, no dropout. The second, unused copy of the
// first group that those files carry (`sub_block1`) is left out.

import { checked } from "../base/check_fields.ts";
import { type Field, type Mismatch, whole } from "../base/fields.ts";
import type { NetworkConfig, NetworkKind } from "./network_kind.ts";
import type { Tensor } from "../graph/tensor.ts";
import { globalAveragePool } from "../ops/reduce/pool.ts";
import { constant, fanOutNormal } from "./initializers.ts";
import { BatchNorm2d, Conv2d, convNorm, Linear, type Mode } from "./layers.ts";
import { Module } from "./module.ts";
import { Network, type Output } from "./network.ts";

/** A convolution drawn from N(0, 2 / fan out). */
function wideConv(
  [inputs, outputs]: readonly [number, number],
  { kernelSize, stride = 1 }: {
    readonly kernelSize: number;
    readonly stride?: number;
  },
): Conv2d {
  const initializer = fanOutNormal(kernelSize * kernelSize * outputs);
  return new Conv2d([inputs, outputs], { kernelSize, stride, initializer });
}

/** conv(relu(bn(conv(relu(bn(x)))))) plus x, or a 1x1 convolution of relu(bn(x)). */
export class WideBlock extends Module {
  readonly bn1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv2: Conv2d;
  /** Where the number of channels changes. */
  readonly convShortcut: Conv2d | null;

  constructor([inputs, outputs]: readonly [number, number], stride: number) {
    super();
    this.bn1 = new BatchNorm2d(inputs);
    this.conv1 = wideConv([inputs, outputs], { kernelSize: 3, stride });
    this.bn2 = new BatchNorm2d(outputs);
    this.conv2 = wideConv([outputs, outputs], { kernelSize: 3 });
    this.convShortcut = inputs === outputs
      ? null
      : wideConv([inputs, outputs], { kernelSize: 1, stride });
  }

  /** x (N, H, W, inputs) to (N, H / stride, W / stride, outputs). */
  call(x: Tensor, mode: Mode): Tensor {
    const activated = this.bn1.call(x, { mode, relu: true });
    const inner = convNorm(activated, { conv: this.conv1, norm: this.bn2 }, {
      mode,
      relu: true,
    });
    // Where the shape changes, the shortcut is taken after the activation.
    const residual = this.convShortcut ? this.convShortcut.call(activated) : x;
    return this.conv2.call(inner, { residual });
  }
}

/** A group of blocks; the reference code nests them in a field named `layer`. */
export class WideGroup extends Module {
  readonly layer: readonly WideBlock[];

  constructor(
    blocks: number,
    { inputs, outputs, stride }: {
      readonly inputs: number;
      readonly outputs: number;
      readonly stride: number;
    },
  ) {
    super();
    this.layer = Array.from(
      { length: blocks },
      (_, i) =>
        i === 0
          ? new WideBlock([inputs, outputs], stride)
          : new WideBlock([outputs, outputs], 1),
    );
  }

  call(x: Tensor, mode: Mode): Tensor {
    return this.layer.reduce(
      (y, block) => x.graph.checkpoint(() => block.call(y, mode)),
      x,
    );
  }
}

/** Depth and width of a wide residual network: WRN-34-10 is 34 and 10. */
export interface WideResNetOptions {
  /** Number of logits. */
  readonly classes: number;
  /** 6 n + 4, for n blocks per group. */
  readonly depth: number;
  /** Multiplies the channels 16, 32 and 64 of the three groups. */
  readonly width: number;
}

/**
 * Blocks in each of the three groups of a network of this depth.
 *
 * @throws {RangeError} if the depth is not 6 n + 4.
 */
export function blocksPerGroup(depth: number): number {
  const blocks = (depth - 4) / 6;
  if (Number.isInteger(blocks) && blocks >= 1) return blocks;
  throw new RangeError(
    `Cannot build a WideResNet: expected a depth of 10, 16, 22, 28, 34, … but found ${depth}`,
  );
}

/** WRN-depth-width. */
export class WideResNet extends Network {
  readonly classes: number;
  readonly featureSize: number;
  readonly conv1: Conv2d;
  readonly block1: WideGroup;
  readonly block2: WideGroup;
  readonly block3: WideGroup;
  readonly bn1: BatchNorm2d;
  readonly fc: Linear;

  /** @throws {RangeError} if the depth is not 6 n + 4. */
  constructor({ classes, depth, width }: WideResNetOptions) {
    super();
    const blocks = blocksPerGroup(depth);
    const [first, second, third] = [
      16 * width,
      32 * width,
      64 * width,
    ] as const;
    this.classes = classes;
    this.featureSize = third;
    this.conv1 = wideConv([3, 16], { kernelSize: 3 });
    this.block1 = new WideGroup(blocks, {
      inputs: 16,
      outputs: first,
      stride: 1,
    });
    this.block2 = new WideGroup(blocks, {
      inputs: first,
      outputs: second,
      stride: 2,
    });
    this.block3 = new WideGroup(blocks, {
      inputs: second,
      outputs: third,
      stride: 2,
    });
    this.bn1 = new BatchNorm2d(third);
    this.fc = new Linear([third, classes], { bias: constant(0) });
  }

  override call(x: Tensor, mode: Mode): Output {
    let y = this.conv1.call(x);
    for (const group of [this.block1, this.block2, this.block3]) {
      y = group.call(y, mode);
    }
    const features = globalAveragePool(this.bn1.call(y, { mode, relu: true }));
    return { logits: this.fc.call(features), features };
  }
}

/**
 * WRN-depth-width for 32x32 images.
 *
 * @throws {RangeError} if the depth is not 6 n + 4.
 */
export function wideResNet(options: WideResNetOptions): Network {
  return new WideResNet(checked(WIDE_RESNET, options));
}

/** Depth and width as fields. */
export const WIDE_RESNET_SIZES: {
  readonly depth: Field;
  readonly width: Field;
} = {
  depth: whole({
    least: 10,
    ceiling: 1000,
    about: "6 n + 4, for n blocks in a group",
  }),
  width: whole({
    least: 1,
    ceiling: 256,
    about: "factor of the channels 16, 32 and 64",
  }),
};

/** Refuses a depth that is not 6 n + 4. */
export function checkDepth(
  { depth }: { readonly depth: number },
): Mismatch | null {
  return (depth - 4) % 6 === 0 ? null : {
    path: "depth",
    expected: "10, 16, 22, 28, 34, …",
    found: String(depth),
  };
}

/** A wide residual network as a kind. */
export const WIDE_RESNET: NetworkKind<
  NetworkConfig<"wide-resnet", Omit<WideResNetOptions, "classes">>
> = {
  network: "wide-resnet",
  about: "three groups of pre-activation blocks",
  fields: WIDE_RESNET_SIZES,
  check: checkDepth,
  names: {
    "wide-resnet-DEPTH-WIDTH": namedWideResNet,
    "wide-resnet-DEPTH-WIDTH-relu": namedWideResNet,
    "wrn-DEPTH-WIDTH": namedWideResNet,
    "wrn-DEPTH-WIDTH-relu": namedWideResNet,
  },
  examples: ["wide-resnet-34-10"],
  create: wideResNet,
};

function namedWideResNet(
  ...[depth, width]: readonly number[]
): NetworkConfig<"wide-resnet", Omit<WideResNetOptions, "classes">> {
  return { network: "wide-resnet", depth: depth!, width: width! };
}
