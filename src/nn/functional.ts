// The functions that networks, objectives and attacks are written with: tensors
// positional, parameters named. They trace operations, compute nothing themselves,
// and all but `grad`, `detach` and the comparisons are differentiable.

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
export { crossEntropy } from "../ops/cross_entropy.ts";
export { grad } from "../ops/grad.ts";
export {
  klDivergence,
  type KlDivergenceOperands,
} from "../ops/kl_divergence.ts";
export { margin } from "../ops/margin.ts";
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
} from "../ops/pointwise.ts";
export { globalAveragePool } from "../ops/pool.ts";
export { type AxesOptions, mean, sum } from "../ops/reduce.ts";
export { logSoftmax, softmax } from "../ops/softmax.ts";
export { meanSquaredError } from "./losses.ts";
