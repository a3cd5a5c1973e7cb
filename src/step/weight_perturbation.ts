// Adversarial weight perturbation (AWP, Wu et al., 2020): training descends the loss of
// the worst weights near the present ones instead of their own,
//
//   min over w of  L(w + v),   v = gamma ||w|| g / ||g||,   g = grad L(w)
//
// for every weight tensor of its own (convolutions and linear layers; not biases and
// batch norms). The gradient of L(w + v) is taken at the perturbed weights, the
// optimizer steps from there, and v is subtracted again.
//
// In the first epochs gamma is 0, and the extra gradient is computed without effect: the
// cost of three forward passes in a step of some thirty, for ten of the two hundred epochs
// of TRADES. This half a percent is not worth a second compiled program.

import type { Tensor, Variable } from "../graph/tensor.ts";
import type { WeightPerturbationConfig } from "../config/weight_perturbation.ts";
import { fill } from "../ops/fill.ts";
import { grad } from "../ops/grad.ts";
import {
  add,
  addScalar,
  divide,
  less,
  multiply,
  sqrt,
  square,
  subtract,
  where,
} from "../ops/pointwise.ts";
import { sum } from "../ops/reduce/reduce.ts";
import { store } from "../ops/store.ts";

/** The loss to ascend, and how far: a scalar each. */
export interface Perturbation {
  /** At the unperturbed weights, by forward passes that update no running statistics. */
  readonly loss: Tensor;
  /** The length of a move, relative to the tensor's norm. */
  readonly gamma: Tensor;
  /** Adds the gradients of all ranks; there is one if left out. */
  readonly summed?: (gradients: Gradients) => Gradients;
}

/** Gradients by their weights. */
type Gradients = ReadonlyMap<Variable, Tensor>;

/** gamma in an epoch: 0 before the first one. */
export function gammaAt(
  { gamma, fromEpoch }: WeightPerturbationConfig,
  epoch: Tensor,
): Tensor {
  const scalar = (value: number) => fill(epoch.graph, { shape: [], value });
  return where(less(epoch, scalar(fromEpoch)), {
    yes: scalar(0),
    no: scalar(gamma),
  });
}

/** Traces the addition of v to the weights. Returns a function that traces its removal. */
export function perturbWeights(
  parameters: readonly Variable[],
  { loss, gamma, summed = (same) => same }: Perturbation,
): () => void {
  const weights = parameters.filter(({ shape }) => shape.length > 1);
  const own = grad(loss, weights);
  const gradients = summed(new Map(weights.map((one, i) => [one, own[i]!])));
  const moves = weights.map((weight) => {
    const gradient = gradients.get(weight)!;
    const relative = divide(norm(loss.graph.read(weight)), guarded(gradient));
    return multiply(gradient, multiply(gamma, relative));
  });
  weights.forEach((weight, i) => store(add(weight, moves[i]!), weight));
  return () =>
    weights.forEach((weight, i) => store(subtract(weight, moves[i]!), weight));
}

/** The Euclidean norm of a whole tensor, a scalar. */
function norm(x: Tensor): Tensor {
  return sqrt(sum(square(x)));
}

/** The norm of a gradient, which may be 0, as the authors' code divides by it. */
function guarded(gradient: Tensor): Tensor {
  return addScalar(norm(gradient), 1e-20);
}
