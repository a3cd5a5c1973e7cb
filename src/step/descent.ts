// The end of a training step: every network takes its step, along the gradient of the
// sum of the terms or of a lesson of its own.
//
// All gradients come first, since a step overwrites what they are taken at; and those
// of the terms come before the lessons, some of which ask what they would lead to.
// With activations in half precision, all are those of scaled losses until the last.

import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Module } from "../nn/module.ts";
import type { Lesson } from "../methods/method_state.ts";
import type { Afterwards } from "../methods/traced_views.ts";
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
import type { KeptState } from "./kept_state.ts";
import { lookAhead } from "./look_ahead.ts";
import { lossScaleOf, scaledLoss } from "./loss_scale.ts";
import type { TrainedNetwork } from "./trained_network.ts";
import type { StepParts } from "./training_step.ts";

/** What networks descend. */
export interface Slopes {
  /** The sum of the terms, which student, teacher and most modules descend. */
  readonly loss: Tensor;
  /** What other modules descend; null where one stays as it is. */
  readonly lessons: Afterwards["lessons"];
}

/** A network, and what it descends. */
interface Learner {
  readonly network: TrainedNetwork<Module>;
  readonly lesson: Lesson;
}

/** Traces one step of every network. */
export function descend(
  graph: Graph,
  parts: StepParts,
  { loss, lessons }: Slopes,
): void {
  const { student, teacher, pretrained, settings, controls } = parts;
  const kept = [parts.kept, ...parts.unlabeled ? [parts.unlabeled.kept] : []];
  checkLessons(kept, lessons);
  const { precision } = settings;
  const lossScale = lossScaleOf(precision);
  const learningRate = graph.read(controls.learningRate);
  const shared: Lesson = { loss, learningRate, optimizer: settings.optimizer };
  const networks: readonly TrainedNetwork<Module>[] = [
    student,
    ...(teacher && !pretrained?.frozen ? [teacher] : []),
    ...kept.flatMap(({ modules }) => modules)
      .filter(({ parameters }) => parameters.length > 0),
  ];
  const learners = networks.flatMap((network): Learner[] => {
    const lesson = lessons.get(network.placed.module);
    return lesson === null ? [] : [{ network, lesson: lesson ?? shared }];
  });
  const gradients = new Map<TrainedNetwork<Module>, Tensor[]>();
  // The student is first, and descends the terms.
  for (const loss of new Set(learners.map(({ lesson }) => lesson.loss))) {
    const own = learners.filter(({ lesson }) => lesson.loss === loss);
    const value = typeof loss !== "function" ? loss : lookAhead(graph, {
      student: student.placed.module,
      parameters: student.parameters,
      gradients: unscaled(gradients.get(student)!, lossScale),
      learningRate,
      weightDecay: settings.optimizer.weightDecay,
    }, loss);
    const parameters = own.map(({ network }) => network.parameters);
    const found = grad(scaledLoss(value, precision), parameters.flat());
    own.forEach(({ network, lesson: { largestNorm } }, i) =>
      gradients.set(
        network,
        shortened(
          found.splice(0, parameters[i]!.length),
          largestNorm && largestNorm * lossScale,
        ),
      )
    );
  }
  for (const { network, lesson } of learners) {
    network.descend(gradients.get(network)!, { ...lesson, lossScale });
  }
}

function unscaled(gradients: readonly Tensor[], lossScale: number): Tensor[] {
  return gradients.map((gradient) =>
    lossScale === 1 ? gradient : mulScalar(gradient, 1 / lossScale)
  );
}

/** Gradients with a common factor that brings their norm down to `largest`, as PyTorch's. */
export function shortened(
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

/** Refuses a lesson for what is no module of the method's state. */
function checkLessons(
  kept: readonly KeptState[],
  lessons: Afterwards["lessons"],
): void {
  const state = Object.assign({}, ...kept.map(({ state }) => state));
  const modules: unknown[] = Object.values(state);
  if ([...lessons.keys()].every((module) => modules.includes(module))) return;
  throw new TypeError(
    "Cannot teach a module: expected one of the method's state " +
      `(${Object.keys(state).join(", ") || "which is empty"})`,
  );
}
