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
export { grad } from "../ops/grad.ts";
export {
  klDivergence,
  type KlDivergenceOperands,
} from "../ops/loss/kl_divergence.ts";
export { margin } from "../ops/loss/margin.ts";
export {
  abs,
  add,
  addScalar,
  clamp,
  divide,
  exp,
  less,
  log,
  maximum,
  mulScalar,
  multiply,
  negate,
  relu,
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
