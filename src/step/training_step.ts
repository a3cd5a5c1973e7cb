// One training step as a graph: gather a batch, attack it, look at it through the
// views that the objective asks for, and descend. Everything that a method is made
// of meets here, and nothing else in the project knows all of it.

import type { Controls } from "./controls.ts";
import { descend } from "./descent.ts";
import type {
  PretrainedConfig,
  TrainingSettings,
} from "../config/experiment.ts";
import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { crossEntropy } from "../nn/losses.ts";
import type { Objective } from "../methods/objective.ts";
import { type Afterwards, TracedViews } from "../methods/traced_views.ts";
import { correct } from "../ops/loss/margin.ts";
import { add, mulScalar } from "../ops/pointwise.ts";
import { mean } from "../ops/reduce/reduce.ts";
import { attackBatch, batchSources, type BatchViews } from "./batch_views.ts";
import type { KeptState } from "./kept_state.ts";
import { scaledLoss } from "./loss_scale.ts";
import type { ResidentSplit } from "./resident_split.ts";
import type { RunningSums } from "./running_sums.ts";
import type { TrainedNetwork } from "./trained_network.ts";
import type { TrainingMethod } from "./method.ts";
import { unlabeledTerms } from "./unlabeled_terms.ts";
import { gammaAt, perturbWeights } from "./weight_perturbation.ts";

/** What is trained, and how. */
export interface TrainingParts extends TrainingMethod {
  readonly settings: TrainingSettings;
  readonly student: TrainedNetwork;
  /** The standard network, trained by cross-entropy on clean images. */
  readonly teacher: TrainedNetwork | null;
  /** How a teacher is used that was trained before; left out where it was not. */
  readonly pretrained?: Pick<PretrainedConfig, "frozen" | "mode"> | null;
  /** What is asked of images without labels, if there are any. */
  readonly unlabeled?: UnlabeledMethod | null;
}

/** What is minimized on images without labels, and how many of them a step has. */
export interface UnlabeledMethod {
  readonly objective: Objective;
  readonly batchSize: number;
}

/** What a step reads and changes. */
export interface StepParts extends TrainingParts {
  /** What the method keeps from step to step. */
  readonly kept: KeptState;
  readonly data: ResidentSplit;
  readonly controls: Controls;
  readonly sums: RunningSums;
  readonly unlabeled:
    | (UnlabeledMethod & {
      readonly kept: KeptState;
      readonly data: ResidentSplit;
    })
    | null;
}

/** Names of running sums that are counts of correct predictions. */
export const CORRECT = {
  clean: "clean correct",
  adversarial: "adversarial correct",
  teacher: "teacher correct",
} as const;

/** Traces a step on a batch of the given size. */
export function traceTrainingStep(
  graph: Graph,
  parts: StepParts,
  { batch, due }: { readonly batch: number; readonly due: boolean },
): void {
  const { objective, kept: { state }, teacher, pretrained } = parts;
  const { data, controls: { position } } = parts;
  const choice = { data, position, batch, labeled: true };
  const clean = { ...batchSources(graph, parts, choice), due };
  const adversarial = attackBatch(parts, clean, { objective, state });
  const sources = { ...clean, ...adversarial };
  const restore = perturb(parts, sources);
  const afterwards = nothingAfterwards();
  const views = new TracedViews({ ...sources, mode: "train", afterwards });
  const terms: Record<string, Tensor> = {
    ...objective.terms(views, state),
    ...unlabeledTerms(graph, parts, { afterwards, due }),
  };
  if (teacher && !pretrained?.frozen) {
    const { teacher: { logits }, labels } = views;
    terms["teacher"] = mean(crossEntropy(logits, labels));
  }
  descend(graph, parts, { loss: total(terms), lessons: afterwards.lessons });
  restore();
  for (const update of afterwards.updates) update();
  recordSums(parts.sums, { terms, views, batch });
}

/** Moves the student's weights, where the method does, and returns what undoes it. */
function perturb(
  { objective, kept, student, weightPerturbation, settings }: StepParts,
  sources: BatchViews,
): () => void {
  if (!weightPerturbation) return () => {};
  // This look at the batch moves nothing else: no running statistic, no state.
  const mode = "batch";
  const { teacher } = sources;
  const views = new TracedViews({
    ...sources,
    mode,
    afterwards: nothingAfterwards(),
    ...(teacher?.mode === "train" ? { teacher: { ...teacher, mode } } : {}),
  });
  return perturbWeights(student.parameters, {
    // Its gradient gives a direction, which a factor does not change.
    loss: scaledLoss(
      total(objective.terms(views, kept.state)),
      settings.precision,
    ),
    gamma: gammaAt(weightPerturbation, views.epoch),
  });
}

function total(terms: Readonly<Record<string, Tensor>>): Tensor {
  return Object.values(terms).reduce((sum, term) => add(sum, term));
}

function nothingAfterwards(): Afterwards {
  return { updates: [], lessons: new Map() };
}

/** Adds the batch to the running sums: terms weighted by images, and correct counts. */
function recordSums(
  sums: RunningSums,
  { terms, views, batch }: {
    readonly terms: Readonly<Record<string, Tensor>>;
    readonly views: TracedViews;
    readonly batch: number;
  },
): void {
  for (const [name, term] of Object.entries(terms)) {
    sums.add(name, mulScalar(term, batch));
  }
  for (const [view, name] of Object.entries(CORRECT)) {
    const output = views.traced.get(view);
    if (output) sums.add(name, correct(output.logits, views.labels));
  }
}
