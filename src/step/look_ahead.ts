// A look ahead at the student after one step of descent without momentum: the step is
// taken, the student is measured, and its parameters are restored exactly. For methods
// whose reward depends on the next step.

import { type DescentConfig, weightDecayOf } from "../config/optimizer.ts";
import type { Graph } from "../graph/graph.ts";
import type { Tensor, Variable } from "../graph/tensor.ts";
import type { NextStudent } from "../methods/step_hooks.ts";
import type { Network } from "../nn/network.ts";
import { add, mulScalar, multiply, subtract } from "../ops/pointwise.ts";
import { store } from "../ops/store.ts";

/** The step to take. */
export interface NextStep {
  readonly student: Network;
  /** In the order of `gradients`. */
  readonly parameters: readonly Variable[];
  readonly gradients: readonly Tensor[];
  readonly learningRate: Tensor;
  readonly optimizer: Pick<DescentConfig, "weightDecay" | "decay">;
}

/** Returns the result of `measure` for the student after the step. */
export function lookAhead(
  graph: Graph,
  { student, parameters, gradients, learningRate, optimizer }: NextStep,
  measure: (next: NextStudent) => Tensor,
): Tensor {
  const kept = parameters.map((parameter) => {
    const copy = graph.state(`${parameter.name} kept`, parameter.shape);
    store(graph.read(parameter), copy);
    return copy;
  });
  parameters.forEach((parameter, i) => {
    const weightDecay = weightDecayOf(optimizer, parameter);
    const decay = mulScalar(graph.read(parameter), weightDecay);
    const slope = add(gradients[i]!, decay);
    store(subtract(parameter, multiply(learningRate, slope)), parameter);
  });
  const result = measure({
    logits: (images, mode = "eval") => student.call(images, mode).logits,
  });
  parameters.forEach((parameter, i) => store(graph.read(kept[i]!), parameter));
  return result;
}
