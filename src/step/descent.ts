// The end of a training step: every network takes its step, along the gradient of the
// sum of the terms or of an auxiliary loss.
//
// All gradients are computed before any step, which overwrites the parameters; those of the
// terms come first, since an auxiliary loss may depend on the student's next step. With
// activations in half precision losses are scaled, and the optimizer divides gradients by
// the scale.

import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { adamwNumbers } from "../config/optimizer.ts";
import type { AuxiliaryLoss } from "../methods/step_hooks.ts";
import type { Module } from "../nn/module.ts";
import { fill } from "../ops/fill.ts";
import { grad } from "../ops/grad.ts";
import {
  add,
  addScalar,
  clamp,
  divide,
  mulScalar,
  multiply,
  sqrt,
  square,
} from "../ops/pointwise.ts";
import { sum } from "../ops/reduce/reduce.ts";
import {
  type BatchShare,
  exchangeStep,
  type Gradients,
} from "./batch_share.ts";
import { lookAhead } from "./look_ahead.ts";
import { lossScaleOf, scaledLoss } from "./loss_scale.ts";
import type { StepInputs } from "./step_inputs.ts";
import type { TracedOptimizer, TrainedNetwork } from "./trained_network.ts";

/** The losses of a step. */
export interface Losses {
  /** The sum of the terms, which student, teacher and most modules descend. */
  readonly loss: Tensor;
  /** The losses of other modules; null for one that is not trained in this step. */
  readonly auxiliaryLosses: ReadonlyMap<Module, AuxiliaryLoss | null>;
  /** The part of the batch that the losses are of. */
  readonly share: BatchShare;
}

/** A network with its loss and optimizer. */
interface Learner {
  readonly network: TrainedNetwork<Module>;
  readonly descent: Descent;
}

/** A loss, and the optimizer that descends it. */
interface Descent extends Omit<AuxiliaryLoss, "optimizer"> {
  readonly optimizer: TracedOptimizer;
}

/** Traces one step of every network. */
export function descend(
  graph: Graph,
  inputs: StepInputs,
  losses: Losses,
): void {
  checkAuxiliaryLosses(inputs, losses);
  const { precision } = inputs.hyperparameters;
  const learningRate = graph.read(inputs.controls.learningRate);
  const optimizer = traced(graph, inputs);
  const shared = { loss: losses.loss, learningRate, optimizer };
  const learners = learnersOf(inputs, { ...losses, shared });
  const gradients: Gradients = new Map();
  // The student is first, and descends the terms.
  for (const loss of new Set(learners.map(({ descent }) => descent.loss))) {
    const own = learners.filter(({ descent }) => descent.loss === loss);
    const value = typeof loss === "function"
      ? lossAhead(graph, inputs, { loss, gradients, learningRate })
      : loss;
    addGradients(gradients, { value, learners: own, precision });
  }
  const summed = losses.share.shared
    ? exchangeStep(graph, inputs, { gradients, share: losses.share })
    : gradients;
  const lossScale = lossScaleOf(precision);
  for (const { network, descent } of learners) {
    network.descend(summed.get(network)!, { ...descent, lossScale });
  }
}

/** The optimizer of all networks, with the scalars that it reads. */
function traced(
  graph: Graph,
  { hyperparameters: { optimizer }, controls }: StepInputs,
): TracedOptimizer {
  if (optimizer.kind !== "adamw") return optimizer;
  const numbers = adamwNumbers(optimizer);
  const correction = (beta: number) =>
    graph.read(controls.biasCorrection(beta));
  const corrections = [
    correction(numbers.beta1),
    correction(numbers.beta2),
  ] as const;
  return { ...optimizer, ...numbers, corrections };
}

/** All that take a step, the student first. */
function learnersOf(
  { student, teacher, modules, method: { pretrained } }: StepInputs,
  { auxiliaryLosses, shared }: Losses & { readonly shared: Descent },
): Learner[] {
  const networks: readonly TrainedNetwork<Module>[] = [
    student,
    ...(teacher && !pretrained?.frozen ? [teacher] : []),
    ...modules.filter(({ parameters }) => parameters.length > 0),
  ];
  return networks.flatMap((network) => {
    const descent = auxiliaryLosses.get(network.module);
    return descent === null ? [] : [{ network, descent: descent ?? shared }];
  });
}

/** The value of a loss that is computed from the student after its next step. */
function lossAhead(
  graph: Graph,
  { student, hyperparameters: { optimizer, precision } }: StepInputs,
  { loss, gradients, learningRate }: {
    readonly loss: Extract<AuxiliaryLoss["loss"], CallableFunction>;
    readonly gradients: Gradients;
    readonly learningRate: Tensor;
  },
): Tensor {
  return lookAhead(graph, {
    student: student.module,
    parameters: student.parameters,
    gradients: unscaled(gradients.get(student)!, lossScaleOf(precision)),
    learningRate,
    optimizer,
  }, loss);
}

/** Adds the gradients of one loss with respect to all networks that descend it. */
function addGradients(
  gradients: Gradients,
  { value, learners, precision }: {
    readonly value: Tensor;
    readonly learners: readonly Learner[];
    readonly precision: StepInputs["hyperparameters"]["precision"];
  },
): void {
  const parameters = learners.map(({ network }) => network.parameters);
  const found = grad(scaledLoss(value, precision), parameters.flat());
  learners.forEach(({ network, descent: { largestNorm } }, i) => {
    const own = found.splice(0, parameters[i]!.length);
    const largest = largestNorm && largestNorm * lossScaleOf(precision);
    gradients.set(network, clipped(own, largest));
  });
}

function unscaled(gradients: readonly Tensor[], lossScale: number): Tensor[] {
  return gradients.map((gradient) =>
    lossScale === 1 ? gradient : mulScalar(gradient, 1 / lossScale)
  );
}

/** Gradients clipped to a common norm, as by PyTorch's `clip_grad_norm_`. */
export function clipped(
  gradients: Tensor[],
  largest: number | undefined,
): Tensor[] {
  if (largest === undefined) return gradients;
  const norm = sqrt(
    gradients.map((gradient) => sum(square(gradient))).reduce((a, b) =>
      add(a, b)
    ),
  );
  const limit = fill(norm.graph, { shape: [], value: largest });
  const factor = clamp(divide(limit, addScalar(norm, 1e-6)), {
    low: 0,
    high: 1,
  });
  return gradients.map((gradient) => multiply(gradient, factor));
}

/** Refuses an auxiliary loss for a module that the method did not name. */
function checkAuxiliaryLosses(
  { modules }: StepInputs,
  { auxiliaryLosses }: Losses,
): void {
  const known = new Set(modules.map(({ module }) => module));
  if ([...auxiliaryLosses.keys()].every((module) => known.has(module))) return;
  const names = modules.map(({ materialized }) => materialized.name).join(", ");
  throw new TypeError(
    "Cannot train a module on a loss of its own: expected one of the method's " +
      `modules (${names || "there are none"})`,
  );
}
