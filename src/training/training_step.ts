// One training step as a graph: gather a batch, attack it, look at it through the
// views that the objective asks for, and descend. Everything that a method is made
// of meets here, and nothing else in the project knows all of it.

import type { Controls } from "./controls.ts";
import { descend } from "./descent.ts";
import type {
  PretrainedConfig,
  TrainingSettings,
} from "../experiments/experiment.ts";
import { detach, type Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { crossEntropy } from "../nn/losses.ts";
import type { Mode } from "../nn/layers.ts";
import {
  type Afterwards,
  TracedViews,
  type ViewSources,
} from "../objectives/traced_views.ts";
import { batchIndices } from "../ops/batch_indices.ts";
import { gatherAugment } from "../ops/gather_augment.ts";
import { correct } from "../ops/margin.ts";
import { add, scale } from "../ops/pointwise.ts";
import { mean } from "../ops/reduce.ts";
import type { KeptState } from "./kept_state.ts";
import { scaledLoss } from "./loss_scale.ts";
import type { ResidentSplit } from "./resident_split.ts";
import type { RunningSums } from "./running_sums.ts";
import type { TrainedNetwork } from "./trained_network.ts";
import type { TrainingMethod } from "../experiments/training_setup.ts";
import { gammaAt, perturbWeights } from "./weight_perturbation.ts";

/** What is trained, and how. */
export interface TrainingParts extends TrainingMethod {
  readonly settings: TrainingSettings;
  readonly student: TrainedNetwork;
  /** The standard network, trained by cross-entropy on clean images. */
  readonly teacher: TrainedNetwork | null;
  /** How a teacher is used that was trained before; left out where it was not. */
  readonly pretrained?: Pick<PretrainedConfig, "frozen" | "mode"> | null;
}

/** What a step reads and changes. */
export interface StepParts extends TrainingParts {
  /** What the method keeps from step to step. */
  readonly kept: KeptState;
  readonly data: ResidentSplit;
  readonly controls: Controls;
  readonly sums: RunningSums;
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
  const { objective, kept, teacher, pretrained } = parts;
  const clean = { ...batchSources(graph, parts, batch), due };
  const sources = { ...clean, ...attackBatch(parts, clean) };
  const restore = perturb(parts, sources);
  const afterwards = nothingAfterwards();
  const views = new TracedViews({ ...sources, mode: "train", afterwards });
  const terms: Record<string, Tensor> = {
    ...objective.terms(views, kept.state),
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

type BatchViews = Omit<ViewSources, "mode" | "random"> & {
  readonly random: NonNullable<ViewSources["random"]>;
};

/** A batch, and what else views of it are made from. */
function batchSources(
  graph: Graph,
  { settings, student, teacher, pretrained, data, controls }: StepParts,
  batch: number,
): BatchViews {
  const { seed, augmentation } = settings;
  const step = graph.read(controls.step);
  const source = { ...data, position: graph.read(controls.position) };
  const { x, labels } = gatherAugment(source, {
    batch,
    height: data.shape.height,
    width: data.shape.width,
    augmentation: { ...augmentation, key: { seed, stream: "augment", step } },
  });
  return {
    x,
    labels,
    precision: settings.precision,
    student: student.placed.module,
    epoch: controls.epoch,
    scheduled: (name, schedule) => controls.scheduled(name, schedule),
    indices: () => batchIndices(source, { batch }),
    imagesByClass: () => data.byClass(student.placed.module.classes),
    random: { seed, step },
    ...(teacher
      ? {
        teacher: { network: teacher.placed.module, mode: modeOf(pretrained) },
      }
      : {}),
  };
}

/** Batch norm's mode in the teacher, of which nothing moves once it is frozen. */
function modeOf(pretrained: TrainingParts["pretrained"]): Mode {
  const { frozen, mode } = pretrained ?? { frozen: false, mode: "train" };
  return frozen && mode === "train" ? "batch" : mode;
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

/**
 * The batch's adversarial images and what their attack recorded, where the method has
 * an attack.
 */
function attackBatch(
  { objective, kept, settings, attack, attackMode: mode }: StepParts,
  { random, ...sources }: BatchViews,
): Pick<ViewSources, "adversarial" | "recorded"> {
  if (!attack || !objective.surrogate) return {};
  const views = new Map<Tensor, TracedViews>();
  const viewsOf = (adversarial: Tensor): TracedViews => {
    const known = views.get(adversarial) ??
      new TracedViews({ ...sources, random, mode, adversarial });
    views.set(adversarial, known);
    return known;
  };
  const { x: images, labels } = sources;
  const planned = planOf({ objective, kept }, { ...sources, random, mode });
  const recorded = new Map(planned);
  // Attacks follow the direction of a gradient, which a factor does not change.
  const surrogate = (at: Tensor) =>
    scaledLoss(
      objective.surrogate!(viewsOf(at), kept.state),
      settings.precision,
    );
  const found = attack.maximize(surrogate, {
    images,
    labels,
    logits: (at) => viewsOf(at).adversarial.logits,
    random: { ...random, stream: "attack" },
    epoch: images.graph.read(sources.epoch),
    planned: detached(planned),
    record: (name, values) => recorded.set(name, detach(values)),
  });
  // What the attack did to find them is no part of the loss.
  return { adversarial: detach(found), recorded };
}

/** What the method plans for the attack, by name. */
function planOf(
  { objective, kept }: Pick<StepParts, "objective" | "kept">,
  sources: ViewSources,
): Map<string, Tensor> {
  const plan = objective.plan?.(new TracedViews(sources), kept.state) ?? {};
  return new Map(Object.entries(plan));
}

function detached(values: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map([...values].map(([name, value]) => [name, detach(value)]));
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
    sums.add(name, scale(term, batch));
  }
  for (const [view, name] of Object.entries(CORRECT)) {
    const output = views.traced.get(view);
    if (output) sums.add(name, correct(output.logits, views.labels));
  }
}
