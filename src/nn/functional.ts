// The functions to write networks, objectives and attacks with. Tensors are positional
// arguments, parameters are named. The functions trace operations and compute nothing
// themselves; all but `grad`, `detach` and the comparisons are differentiable.

export type { Operand } from "../graph/graph.ts";
export { detach } from "../graph/graph.ts";
export type {
  DType,
  Shape,
  Tensor,
  TensorType,
  Variable,
} from "../graph/tensor.ts";
export { cast } from "../ops/cast.ts";
export { crossEntropy } from "../ops/loss/cross_entropy.ts";
export { concat, slice } from "../ops/concat.ts";
export { dropout, type DropoutOptions } from "../ops/dropout.ts";
export { grad } from "../ops/grad.ts";
export {
  klDivergence,
  type KlDivergenceOperands,
} from "../ops/loss/kl_divergence.ts";
export { matmul, type MatmulParams } from "../ops/matmul.ts";
export { avgPool2d } from "../ops/pool/average_pool.ts";
export { maxPool2d } from "../ops/pool/max_pool.ts";
export type { PoolOptions, PoolWindow } from "../ops/pool/window.ts";
export type { RandomKey } from "../ops/random/random.ts";
export {
  groupNorm,
  type GroupNormOptions,
  layerNorm,
  type LayerNormOptions,
} from "../ops/norm/layer_norm.ts";
export { flatten, reshape } from "../ops/reshape.ts";
export { inspect } from "../ops/inspect.ts";
export { margin } from "../ops/loss/margin.ts";
export {
  abs,
  add,
  addScalar,
  clamp,
  divide,
  exp,
  gelu,
  less,
  log,
  maximum,
  mulScalar,
  multiply,
  negate,
  relu,
  sigmoid,
  sign,
  silu,
  sqrt,
  square,
  subtract,
  tanh,
  where,
} from "../ops/pointwise.ts";
export { globalAveragePool } from "../ops/reduce/pool.ts";
export { type AxesOptions, mean, sum } from "../ops/reduce/reduce.ts";
export { logSoftmax, softmax } from "../ops/loss/softmax.ts";
export { meanSquaredError } from "./losses.ts";
