// Batch normalization (Ioffe & Szegedy, 2015) over the last axis with the batch's
// own statistics, fused with the residual addition and the ReLU that usually follow:
//
//   y = relu(gamma (x - mean) / sqrt(variance + epsilon) + beta + residual)
//
// With given statistics it is `channelAffine`. Updating running statistics is an
// operation of its own, so that a caller decides how often a forward pass counts.

import {
  apply,
  applyOne,
  type Lowering,
  type Op,
  type Operand,
  type Storage,
} from "../../graph/graph.ts";
import {
  f32,
  like,
  sizeOf,
  type Tensor,
  type Variable,
} from "../../graph/tensor.ts";
import { SmallBatchError } from "../../base/errors.ts";
import { type Dispatch, linearGrid } from "../../gpu/program.ts";
import {
  batchNormInputGradientOp,
  batchNormParameterGradientOp,
} from "./batch_norm_gradient.ts";
import { rowSums } from "./batch_norm_rows.ts";
import { affineDispatch, checkChannels, elementOf } from "./channel_affine.ts";
import { kernel } from "../kernel.ts";
import { vectorAccess } from "../vectors.ts";
import { reluGradient } from "../pointwise.ts";

/** The fused parts, and the number added to the variance. */
export interface BatchNormParams {
  readonly relu: boolean;
  readonly residual: boolean;
  readonly epsilon: number;
}

/** Inputs x, gamma, beta, [residual]; outputs y, mean, variance (biased). */
export const batchNormOp: Op<BatchNormParams> = {
  name: "batch_norm",
  half: true,

  infer(inputs, params) {
    checkChannels("normalize", inputs, params);
    const channels = f32([inputs[0]!.shape.at(-1)!]);
    return [like(inputs[0]!, inputs[0]!.shape), channels, channels];
  },

  vjp(
    { inputs: [x, gamma], outputs: [y, mean, variance] },
    cotangents,
    params,
  ) {
    const [dy, dMean, dVariance] = cotangents;
    if (dMean || dVariance) {
      throw new TypeError(
        "Cannot differentiate batch_norm through its statistics",
      );
    }
    const { relu, residual, epsilon } = params;
    // The operation that produces dy applies the mask, if it can.
    const g = relu ? reluGradient(dy!, y!) : dy!;
    const gradient = { epsilon };
    const rows = [x!, g, mean!, variance!];
    const [dGamma, dBeta] = apply(batchNormParameterGradientOp, rows, gradient);
    const sums = [gamma!, dGamma!, dBeta!];
    const dx = applyOne(batchNormInputGradientOp, [...rows, ...sums], {
      ...gradient,
      residual: false,
    });
    return [dx, dGamma!, dBeta!, ...(residual ? [g] : [])];
  },

  lower(io, params) {
    const [x, gamma, beta, residual] = io.inputs;
    const [y, mean, variance] = io.outputs;
    const channels = x!.shape.at(-1)!;
    const [scale, shift] = [
      io.scratch(f32([channels])),
      io.scratch(f32([channels])),
    ];
    return [
      ...statisticsDispatches(io),
      {
        label: "batch norm affine",
        kernel: kernel("batch_norm_affine"),
        reads: [gamma!, beta!, mean!, variance!],
        writes: [scale, shift],
        arguments: { channels, epsilon: params.epsilon },
        workgroups: linearGrid(channels, 64),
      },
      affineDispatch([x!, scale, shift, residual], y!, { ...io, ...params }),
    ];
  },
};

/** Mean and biased variance of every channel. */
function statisticsDispatches(io: Lowering): Dispatch<Storage>[] {
  const x = io.inputs[0]!;
  const vectors = elementOf(x);
  const { element, stored, width } = vectors;
  const channels = x.shape.at(-1)! / width;
  const rows = sizeOf(x.shape.slice(0, -1));
  const { dispatches, partial, blocks } = rowSums(io, x, (partial, block) => ({
    label: `batch norm sums ${x.shape.join("x")}`,
    kernel: kernel("batch_norm_partials", {
      constants: { Element: element },
      ...vectorAccess(io, vectors),
    }),
    reads: [x],
    writes: [partial],
    arguments: { rows, channels, block },
  }));
  return [...dispatches, {
    label: "batch norm statistics",
    kernel: kernel("batch_norm_statistics", {
      constants: { Element: element, Stored: stored },
    }),
    reads: [x, partial],
    writes: io.outputs.slice(1),
    arguments: { rows, channels, blocks },
    workgroups: linearGrid(channels, 64),
  }];
}

/** Weight of the newest batch, and how many values each statistic was taken over. */
export interface RunningStatisticsParams {
  readonly momentum: number;
  readonly count: number;
}

/** Moves running statistics (inputs 2 and 3) towards a batch's (inputs 0 and 1). */
export const runningStatisticsOp: Op<RunningStatisticsParams> = {
  name: "running_statistics",
  updates: [2, 3],

  infer(_, { count }) {
    if (count < 2) {
      throw new SmallBatchError(
        "Cannot take batch norm's variance: expected at least 2 values per " +
          `channel but found ${count}, that of one image at 1 x 1 pixels`,
      );
    }
    return [];
  },

  lower: ({ inputs: [mean, variance, ...running] }, { momentum, count }) => [{
    label: "running statistics",
    kernel: kernel("running_statistics"),
    reads: [mean!, variance!],
    writes: running,
    arguments: {
      channels: sizeOf(mean!.shape),
      momentum,
      unbiased: count / (count - 1),
    },
    workgroups: linearGrid(sizeOf(mean!.shape), 64),
  }],
};

/** The statistics of one batch: (C) each, the variance biased. */
export interface BatchStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Parameters of the normalization, and the fused parts. */
export interface BatchNormOptions {
  readonly gamma: Operand;
  readonly beta: Operand;
  /** Added to the variance, usually 1e-5. */
  readonly epsilon: number;
  readonly relu?: boolean;
  /** Added before the ReLU; of x's shape. */
  readonly residual?: Tensor | undefined;
}

/** Normalizes x (..., C) with its own statistics over all leading axes. */
export function batchNorm(
  x: Operand,
  { gamma, beta, epsilon, relu = false, residual }: BatchNormOptions,
): { readonly y: Tensor; readonly statistics: BatchStatistics } {
  const inputs = [x, gamma, beta, ...(residual ? [residual] : [])];
  const params = { relu, residual: residual !== undefined, epsilon };
  const [y, mean, variance] = apply(batchNormOp, inputs, params);
  return { y: y!, statistics: { mean: mean!, variance: variance! } };
}

/** Moves running statistics towards a batch's, by PyTorch's rule. */
export function updateRunningStatistics(
  running: { readonly mean: Variable; readonly variance: Variable },
  { mean, variance, momentum, count }:
    & BatchStatistics
    & RunningStatisticsParams,
): void {
  const inputs = [mean, variance, running.mean, running.variance];
  apply(runningStatisticsOp, inputs, { momentum, count });
}
