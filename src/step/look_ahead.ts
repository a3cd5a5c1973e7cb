// A look at where training is going: the student as one step of descent without
// momentum would leave it, measured, and put back to the bit. For methods whose reward
// is what a step would achieve.

import type { Graph } from "../graph/graph.ts";
import type { Tensor, Variable } from "../graph/tensor.ts";
import type { Network } from "../nn/network.ts";
import type { Ahead } from "../methods/method_state.ts";
import { add, mulScalar, multiply, subtract } from "../ops/pointwise.ts";
import { store } from "../ops/store.ts";

/** The step to look behind. */
export interface NextStep {
  readonly student: Network;
  /** In the order of `gradients`. */
  readonly parameters: readonly Variable[];
  readonly gradients: readonly Tensor[];
  readonly learningRate: Tensor;
  readonly weightDecay: number;
}

/** What `measure` makes of the student after the step; it is as before afterwards. */
export function lookAhead(
  graph: Graph,
  { student, parameters, gradients, learningRate, weightDecay }: NextStep,
  measure: (ahead: Ahead) => Tensor,
): Tensor {
  const kept = parameters.map((parameter) => {
    const copy = graph.state(`${parameter.name} kept`, parameter.shape);
    store(graph.read(parameter), copy);
    return copy;
  });
  parameters.forEach((parameter, i) => {
    const decay = mulScalar(graph.read(parameter), weightDecay);
    const slope = add(gradients[i]!, decay);
    store(subtract(parameter, multiply(learningRate, slope)), parameter);
  });
  const result = measure({
    logits: (images) => student.call(images, "eval").logits,
  });
  parameters.forEach((parameter, i) => store(graph.read(kept[i]!), parameter));
  return result;
}
