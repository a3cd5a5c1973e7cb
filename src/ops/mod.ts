// Every operation: the functions that the layers above call, and the registry of
// operation objects, in which a test looks for what has no reference or no case
// table. A new operation adds one line to each part.

import type { Op } from "../graph/graph.ts";
import { bankScoresGradientOp, bankScoresOp, updateBankOp } from "./bank.ts";
import { batchIndicesOp } from "./batch_indices.ts";
import { batchNormOp, runningStatisticsOp } from "./batch_norm.ts";
import {
  batchNormInputGradientOp,
  batchNormParameterGradientOp,
} from "./batch_norm_gradient.ts";
import { castOp } from "./cast.ts";
import { channelAffineGradientOp, channelAffineOp } from "./channel_affine.ts";
import {
  conv2dInputGradientOp,
  conv2dOp,
  conv2dWeightGradientOp,
  swapChannelsOp,
} from "./conv2d.ts";
import { stridedFiltersOp, stridedInputGradientOp } from "./conv2d_strided.ts";
import { stripsConv2dOp } from "./conv2d_strips.ts";
import { incrementOp } from "./counter.ts";
import { crossEntropyGradientOp, crossEntropyOp } from "./cross_entropy.ts";
import { drawOthersOp } from "./draw_others.ts";
import { fillOp } from "./fill.ts";
import { gatherAugmentOp } from "./gather_augment.ts";
import { gatherClassGradientOp, gatherClassOp } from "./gather_class.ts";
import {
  klDivergenceOp,
  klDivergencePredictionGradientOp,
  klDivergenceTargetGradientOp,
} from "./kl_divergence.ts";
import { hyperplaneStepOp } from "./hyperplane_step.ts";
import { largestOp } from "./largest.ts";
import { correctOp, marginGradientOp, marginOp } from "./margin.ts";
import { matmulOp } from "./matmul.ts";
import { accumulateOp } from "./metrics.ts";
import { ascendL2Op, ascendLinfOp } from "./perturb.ts";
import { pointwiseOp } from "./pointwise.ts";
import { rankedClassOp } from "./ranked_class.ts";
import { keepNearestOp } from "./nearest.ts";
import { normalOp, uniformOp } from "./random.ts";
import { repeatOp, sumOp } from "./reduce.ts";
import {
  relationDivergenceGradientOp,
  relationDivergenceOp,
  relationProbabilityGradientOp,
  relationProbabilityOp,
  relationSimilarityGradientOp,
  relationSimilarityOp,
  relationUnitGradientOp,
  relationUnitOp,
} from "./relation.ts";
import { sampleClassOp } from "./sample_class.ts";
import { sgdOp } from "./sgd.ts";
import { logSoftmaxGradientOp, logSoftmaxOp } from "./softmax.ts";
import {
  squareL2Op,
  squareL2StartOp,
  squareLinfOp,
} from "./square_proposal.ts";
import { storeOp } from "./store.ts";
import { winogradConv2dOp, winogradFiltersOp } from "./conv2d_winograd.ts";

export { bankScores, updateBank } from "./bank.ts";
export { batchIndices } from "./batch_indices.ts";
export { batchNorm, updateRunningStatistics } from "./batch_norm.ts";
export { cast } from "./cast.ts";
export { channelAffine } from "./channel_affine.ts";
export { conv2d } from "./conv2d.ts";
export { increment } from "./counter.ts";
export { crossEntropy } from "./cross_entropy.ts";
export { drawOthers, type ImagesByClass } from "./draw_others.ts";
export { fill } from "./fill.ts";
export { type BatchSource, gatherAugment } from "./gather_augment.ts";
export { gatherClass } from "./gather_class.ts";
export { grad } from "./grad.ts";
export { klDivergence } from "./kl_divergence.ts";
export { type Hyperplane, hyperplaneStep } from "./hyperplane_step.ts";
export { largest } from "./largest.ts";
export { correct, margin } from "./margin.ts";
export { linear, matmul } from "./matmul.ts";
export { accumulate } from "./metrics.ts";
export { keepNearest, type NeighborLists } from "./nearest.ts";
export {
  ascendL2,
  ascendLinf,
  projectL2,
  projectLinf,
  uniformInL2Ball,
} from "./perturb.ts";
export {
  abs,
  add,
  clamp,
  divide,
  exp,
  less,
  log,
  maximum,
  multiply,
  negate,
  offset,
  relu,
  scale,
  select,
  sign,
  silu,
  sqrt,
  square,
  subtract,
  tanh,
} from "./pointwise.ts";
export { globalAveragePool } from "./pool.ts";
export { normal, type RandomKey, uniform } from "./random.ts";
export { rankedClass, type RankOptions } from "./ranked_class.ts";
export { insertAxis, mean, sum, trailingAxes } from "./reduce.ts";
export {
  cosineSimilarities,
  directions,
  neighborProbabilities,
  relationLoss,
  type RelationOptions,
} from "./relation.ts";
export { sampleClass } from "./sample_class.ts";
export { sgd, type SgdState } from "./sgd.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export {
  type Proposal,
  squareL2,
  squareL2Start,
  squareLinf,
} from "./square_proposal.ts";
export { store } from "./store.ts";

/** Every operation of this folder. */
export const OPS: readonly Op<unknown>[] = [
  accumulateOp,
  ascendL2Op,
  ascendLinfOp,
  bankScoresGradientOp,
  bankScoresOp,
  batchIndicesOp,
  batchNormInputGradientOp,
  batchNormOp,
  batchNormParameterGradientOp,
  castOp,
  channelAffineGradientOp,
  channelAffineOp,
  conv2dInputGradientOp,
  conv2dOp,
  conv2dWeightGradientOp,
  swapChannelsOp,
  correctOp,
  crossEntropyGradientOp,
  crossEntropyOp,
  drawOthersOp,
  fillOp,
  gatherAugmentOp,
  gatherClassGradientOp,
  gatherClassOp,
  hyperplaneStepOp,
  incrementOp,
  keepNearestOp,
  klDivergenceOp,
  klDivergencePredictionGradientOp,
  klDivergenceTargetGradientOp,
  largestOp,
  logSoftmaxGradientOp,
  logSoftmaxOp,
  marginGradientOp,
  marginOp,
  matmulOp,
  normalOp,
  pointwiseOp,
  rankedClassOp,
  relationDivergenceGradientOp,
  relationDivergenceOp,
  relationProbabilityGradientOp,
  relationProbabilityOp,
  relationSimilarityGradientOp,
  relationSimilarityOp,
  relationUnitGradientOp,
  relationUnitOp,
  repeatOp,
  runningStatisticsOp,
  sampleClassOp,
  sgdOp,
  squareL2Op,
  squareL2StartOp,
  squareLinfOp,
  storeOp,
  stridedFiltersOp,
  stridedInputGradientOp,
  stripsConv2dOp,
  sumOp,
  uniformOp,
  winogradConv2dOp,
  winogradFiltersOp,
  updateBankOp,
];
