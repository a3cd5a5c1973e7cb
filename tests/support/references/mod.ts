// One reference per operation, by the operation's name.

import type { Reference } from "../reference.ts";
import {
  simdStride2Filters,
  simdStride2InputGradient,
} from "./simd_stride2.ts";
import {
  conv2d,
  conv2dInputGradient,
  conv2dWeightGradient,
  matmul,
  swapChannels,
} from "./linear_algebra.ts";
import {
  batchNorm,
  batchNormInputGradient,
  batchNormParameterGradient,
  channelAffine,
  channelAffineGradient,
  runningStatistics,
} from "./normalization.ts";
import { hyperplaneStep } from "./hyperplane_step.ts";
import { lengthL2, projectL2, unitL2 } from "./lengths.ts";
import { losses } from "./losses.ts";
import { keepNearest } from "./nearest.ts";
import { pointwise } from "./pointwise.ts";
import {
  accumulate,
  adamw,
  ascendL2,
  ascendLinf,
  batchIndices,
  gatherAugment,
  increment,
  lerp,
  normal,
  sgd,
  uniform,
} from "./state.ts";
import { bank } from "./bank.ts";
import { squareL2, squareL2Start, squareLinf } from "./square_proposal.ts";
import {
  averagePool,
  averagePoolGradient,
  maxPool,
  maxPoolGradient,
} from "./pooling.ts";
import { relation } from "./relation.ts";
import {
  cast,
  concat,
  fill,
  gatheredRows,
  gatherRows,
  max,
  repeat,
  reshape,
  slice,
  store,
  sum,
} from "./structure.ts";
import {
  simdWinogradConv2d,
  winogradConv2d,
  winogradFilters,
  winogradFusedConv2d,
  winogradLinesConv2d,
} from "./winograd.ts";

export const references: Readonly<Record<string, Reference>> = {
  pointwise,
  sum,
  max,
  repeat,
  fill,
  store,
  cast,
  reshape,
  concat,
  slice,
  gather_rows: gatherRows,
  max_pool: maxPool,
  max_pool_gradient: maxPoolGradient,
  average_pool: averagePool,
  average_pool_gradient: averagePoolGradient,
  conv2d,
  conv2d_input_gradient: conv2dInputGradient,
  conv2d_weight_gradient: conv2dWeightGradient,
  matmul,
  swap_channels: swapChannels,
  batch_norm: batchNorm,
  batch_norm_parameter_gradient: batchNormParameterGradient,
  batch_norm_input_gradient: batchNormInputGradient,
  running_statistics: runningStatistics,
  channel_affine: channelAffine,
  channel_affine_gradient: channelAffineGradient,
  keep_nearest: keepNearest,
  uniform,
  normal,
  gather_augment: gatherAugment,
  gathered_rows: gatheredRows,
  batch_indices: batchIndices,
  ascend_linf: ascendLinf,
  ascend_l2: ascendL2,
  length_l2: lengthL2,
  unit_l2: unitL2,
  project_l2: projectL2,
  lerp,
  adamw,
  sgd,
  accumulate,
  increment,
  hyperplane_step: hyperplaneStep,
  winograd_conv2d: winogradConv2d,
  simd_stride2_filters: simdStride2Filters,
  simd_stride2_input_gradient: simdStride2InputGradient,
  simd_winograd_conv2d: simdWinogradConv2d,
  winograd_filters: winogradFilters,
  winograd_fused_conv2d: winogradFusedConv2d,
  winograd_lines_conv2d: winogradLinesConv2d,
  square_linf: squareLinf,
  square_l2: squareL2,
  square_l2_start: squareL2Start,
  ...losses,
  ...relation,
  ...bank,
};
