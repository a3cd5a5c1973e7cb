// The layers of residual networks: their parameters, starting values, and forward passes in
// each mode. The mode is an argument of every call and never a field, so that an attack in
// eval mode cannot leave a network in it.

import { batchNorm, updateRunningStatistics } from "../ops/norm/batch_norm.ts";
import { channelAffine } from "../ops/norm/channel_affine.ts";
import { conv2d } from "../ops/conv/conv2d.ts";
import { linear } from "../ops/matmul.ts";
import {
  addScalar,
  divide,
  multiply,
  sqrt,
  subtract,
} from "../ops/pointwise.ts";
import type { Operand } from "../graph/graph.ts";
import { sizeOf, type Tensor } from "../graph/tensor.ts";
import { constant, fanInUniform, type Initializer } from "./initializers.ts";
import { Buffer, inLayer, Module, Parameter } from "./module.ts";

/**
 * How batch norm behaves. `train` normalizes by the batch and updates the running
 * statistics, `eval` normalizes by the running statistics. `train-untracked` is `train`
 * without the update, as with a momentum of 0 in PyTorch.
 */
export type Mode = "train" | "eval" | "train-untracked";

/** Sizes and start of a {@linkcode Conv2d}. */
export interface Conv2dOptions {
  /** Height and width of the kernel. */
  readonly kernelSize: number;
  /** Pixels from one output to the next; 1 by default. */
  readonly stride?: number;
  /** Zeros around the image; half the kernel by default. */
  readonly padding?: number;
  /** Zeros behind the last row and column, where they are not `padding`. */
  readonly paddingEnd?: number;
  /** PyTorch's default if left out. */
  readonly initializer?: Initializer;
  /** Whether a number is added to each output channel; not by default. */
  readonly bias?: boolean;
}

/** Options of a call of {@linkcode Conv2d}. */
export interface ResidualOptions {
  /** Added to the output, in the same pass over it. */
  readonly residual?: Tensor | undefined;
}

/** A convolution, without bias unless asked for: weight (R, S, C, K). */
export class Conv2d extends Module {
  /** (R, S, C, K): kernel height and width, channels in and out. */
  readonly weight: Parameter;
  /** (K); null without one. */
  readonly bias: Parameter | null;
  /** Pixels from one output to the next. */
  readonly stride: number;
  /** Zeros around the image. */
  readonly padding: number;
  /** Zeros behind the last row and column. */
  readonly paddingEnd: number;

  /** A layer from C to K channels. */
  constructor([C, K]: readonly [number, number], options: Conv2dOptions) {
    super();
    const { kernelSize: R, stride = 1, padding = (R - 1) / 2 } = options;
    const initializer = options.initializer ?? fanInUniform(R * R * C);
    this.weight = new Parameter("weight", [R, R, C, K], initializer);
    this.bias = options.bias
      ? new Parameter("bias", [K], fanInUniform(R * R * C))
      : null;
    this.stride = stride;
    this.padding = padding;
    this.paddingEnd = options.paddingEnd ?? padding;
  }

  /** x (N, H, W, C) to (N, P, Q, K), plus a residual of that shape. */
  call(x: Tensor, { residual }: ResidualOptions = {}): Tensor {
    const { stride, padding, paddingEnd } = this;
    const geometry = { stride, padding, paddingEnd };
    const shift = this.bias ?? undefined;
    return inLayer(
      this,
      () => conv2d(x, this.weight, { ...geometry, shift, residual }),
    );
  }
}

/** The mode of a normalization, and operations that are fused into it. */
export interface NormalizationOptions {
  /** Which statistics normalize. */
  readonly mode: Mode;
  /** Whether the result is rectified; not by default. */
  readonly relu?: boolean;
  /** Added before the ReLU. */
  readonly residual?: Tensor | undefined;
}

/** PyTorch's constants: added to the variance, and the newest batch's weight. */
const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** Batch normalization over the channels of (N, H, W, C). */
export class BatchNorm2d extends Module {
  /** The scale of each channel, 1 at first. */
  readonly weight: Parameter;
  /** The shift of each channel, 0 at first. */
  readonly bias: Parameter;
  /** The running mean of each channel. */
  readonly running_mean: Buffer;
  /** The running variance of each channel. */
  readonly running_var: Buffer;

  /** A layer for this many channels. */
  constructor(channels: number) {
    super();
    this.weight = new Parameter("weight", [channels], constant(1));
    this.bias = new Parameter("bias", [channels], constant(0));
    this.running_mean = new Buffer("running_mean", [channels], constant(0));
    this.running_var = new Buffer("running_var", [channels], constant(1));
  }

  /** relu(normalized x + residual), in the given mode. */
  call(x: Tensor, options: NormalizationOptions): Tensor {
    return inLayer(this, () => this.#call(x, options));
  }

  #call(x: Tensor, { mode, relu, residual }: NormalizationOptions): Tensor {
    const fused = { relu: relu ?? false, residual };
    if (mode === "eval") {
      return channelAffine(x, { ...this.affine(x), ...fused });
    }
    const { y, statistics } = batchNorm(x, {
      gamma: this.weight,
      beta: this.bias,
      epsilon: EPSILON,
      ...fused,
    });
    if (mode === "train") {
      const running = { mean: this.running_mean, variance: this.running_var };
      const count = sizeOf(x.shape) / x.shape.at(-1)!;
      updateRunningStatistics(running, {
        ...statistics,
        momentum: MOMENTUM,
        count,
      });
    }
    return y;
  }

  /** Normalization by the running statistics as scale and shift per channel. */
  affine({ graph }: Tensor): { scale: Tensor; shift: Tensor } {
    const variance = graph.read(this.running_var);
    const scale = divide(this.weight, sqrt(addScalar(variance, EPSILON)));
    return {
      scale,
      shift: subtract(this.bias, multiply(this.running_mean, scale)),
    };
  }
}

/**
 * A convolution and the normalization that follows it. In eval mode the normalization's
 * scale is folded into the weights, and its shift into the convolution's epilogue.
 */
export function convNorm(
  x: Tensor,
  { conv, norm }: { readonly conv: Conv2d; readonly norm: BatchNorm2d },
  options: NormalizationOptions,
): Tensor {
  if (options.mode !== "eval" || conv.bias) {
    return norm.call(conv.call(x), options);
  }
  const { scale, shift } = norm.affine(x);
  const { stride, padding, paddingEnd } = conv;
  const { relu = false, residual } = options;
  return inLayer(conv, () =>
    conv2d(x, multiply(conv.weight, scale), {
      stride,
      padding,
      paddingEnd,
      shift,
      residual,
      relu,
    }));
}

/** Starts of a {@linkcode Linear}; PyTorch's defaults if absent. */
export interface LinearOptions {
  /** The start of the bias. */
  readonly bias?: Initializer;
}

/** x weight + bias, with weight (in, out). */
export class Linear extends Module {
  /** (in, out). */
  readonly weight: Parameter;
  /** (out). */
  readonly bias: Parameter;

  /** A layer from `inputs` to `outputs` features. */
  constructor(
    [inputs, outputs]: readonly [number, number],
    { bias }: LinearOptions = {},
  ) {
    super();
    const initializer = fanInUniform(inputs);
    this.weight = new Parameter("weight", [inputs, outputs], initializer);
    this.bias = new Parameter("bias", [outputs], bias ?? initializer);
  }

  /** x (N, in) to (N, out). */
  call(x: Operand): Tensor {
    return inLayer(this, () => linear(x, this));
  }
}
