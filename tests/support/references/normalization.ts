// Batch normalization and channel-wise affine maps on float64.

import { sizeOf } from "../../../src/graph/tensor.ts";
import type {
  BatchNormParams,
  RunningStatisticsParams,
} from "../../../src/ops/norm/batch_norm.ts";
import type { BatchNormGradientParams } from "../../../src/ops/norm/batch_norm_gradient.ts";
import type { ChannelAffineParams } from "../../../src/ops/norm/channel_affine.ts";
import type { Reference } from "../reference.ts";

function rectified(value: number, relu: boolean): number {
  return relu ? Math.max(value, 0) : value;
}

export const channelAffine: Reference = (
  [x, scale, shift, residual],
  { relu }: ChannelAffineParams,
) => {
  const C = scale!.data.length;
  return [
    x!.data.map((value, i) =>
      rectified(
        scale!.data[i % C]! * value + shift!.data[i % C]! +
          (residual?.data[i] ?? 0),
        relu,
      )
    ),
  ];
};

export const channelAffineGradient: Reference = (
  [dy, scale, residual],
) => {
  const C = scale!.data.length;
  return [
    dy!.data.map((g, i) => g * scale!.data[i % C]! + (residual?.data[i] ?? 0)),
  ];
};

export const batchNorm: Reference = (
  [x, gamma, beta, residual],
  { relu, epsilon }: BatchNormParams,
) => {
  const C = gamma!.data.length;
  const rows = sizeOf(x!.shape) / C;
  const mean = new Float64Array(C);
  const variance = new Float64Array(C);
  x!.data.forEach((value, i) => mean[i % C]! += value / rows);
  x!.data.forEach((value, i) =>
    variance[i % C]! += (value - mean[i % C]!) ** 2 / rows
  );
  const y = x!.data.map((value, i) => {
    const c = i % C;
    const xhat = (value - mean[c]!) / Math.sqrt(variance[c]! + epsilon);
    return rectified(
      gamma!.data[c]! * xhat + beta!.data[c]! + (residual?.data[i] ?? 0),
      relu,
    );
  });
  return [y, mean, variance];
};

export const batchNormParameterGradient: Reference = (
  [x, dy, mean, variance],
  { epsilon }: BatchNormGradientParams,
) => {
  const C = mean!.data.length;
  const dGamma = new Float64Array(C);
  const dBeta = new Float64Array(C);
  dy!.data.forEach((g, i) => {
    const c = i % C;
    dGamma[c]! += g * (x!.data[i]! - mean!.data[c]!) /
      Math.sqrt(variance!.data[c]! + epsilon);
    dBeta[c]! += g;
  });
  return [dGamma, dBeta];
};

export const batchNormInputGradient: Reference = (
  [x, dy, mean, variance, gamma, dGamma, dBeta, residual],
  { epsilon }: BatchNormGradientParams,
) => {
  const C = mean!.data.length;
  const rows = sizeOf(x!.shape) / C;
  return [
    dy!.data.map((g, i) => {
      const c = i % C;
      const deviation = Math.sqrt(variance!.data[c]! + epsilon);
      const xhat = (x!.data[i]! - mean!.data[c]!) / deviation;
      return gamma!.data[c]! / deviation *
          (g - dBeta!.data[c]! / rows - xhat * dGamma!.data[c]! / rows) +
        (residual?.data[i] ?? 0);
    }),
  ];
};

export const runningStatistics: Reference = (
  [mean, variance, runningMean, runningVariance],
  { momentum, count }: RunningStatisticsParams,
) => {
  mean!.data.forEach((m, c) => {
    const unbiased = variance!.data[c]! * count / (count - 1);
    const [oldMean, oldVariance] = [
      runningMean!.data[c]!,
      runningVariance!.data[c]!,
    ];
    runningMean!.data[c] = (1 - momentum) * oldMean + momentum * m;
    runningVariance!.data[c] = (1 - momentum) * oldVariance +
      momentum * unbiased;
  });
  return [];
};
