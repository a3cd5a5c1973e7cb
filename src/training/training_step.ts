// One training step as a graph: gather a batch, attack it, look at it through the
// views that the objective asks for, and descend. Everything that a method is made
// of meets here, and nothing else in the project knows all of it.

import type { Controls } from "./controls.ts";
import type { TrainingSettings } from "../experiments/experiment.ts";
import { detach, type Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { crossEntropy } from "../nn/losses.ts";
import { TracedViews, type ViewSources } from "../objectives/traced_views.ts";
import { gatherAugment } from "../ops/gather_augment.ts";
import { grad } from "../ops/grad.ts";
import { correct } from "../ops/margin.ts";
import { add, scale } from "../ops/pointwise.ts";
import { mean } from "../ops/reduce.ts";
import type { ResidentSplit } from "./resident_split.ts";
import type { RunningSums } from "./running_sums.ts";
import type { TrainedNetwork } from "./trained_network.ts";
import type { TrainingMethod } from "../experiments/training_setup.ts";

/** What is trained, and how. */
export interface TrainingParts extends TrainingMethod {
  readonly settings: TrainingSettings;
  readonly student: TrainedNetwork;
  /** The standard network, trained by cross-entropy on clean images. */
  readonly teacher: TrainedNetwork | null;
}

/** What a step reads and changes. */
export interface StepParts extends TrainingParts {
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
  batch: number,
): void {
  const { objective, settings, student, teacher, controls } = parts;
  const step = graph.read(controls.step);
  const { seed, augmentation, optimizer } = settings;
  const { x, labels } = gatherAugment({
    ...parts.data,
    position: graph.read(controls.position),
  }, {
    batch,
    height: parts.data.shape.height,
    width: parts.data.shape.width,
    augmentation: {
      ...augmentation,
      key: { seed, stream: "augment", step },
    },
  });
  const sources: Omit<ViewSources, "mode"> = {
    x,
    labels,
    student: student.placed.module,
    scheduled: (name, schedule) => controls.scheduled(name, schedule),
    ...(teacher
      ? { teacher: { network: teacher.placed.module, mode: "train" } }
      : {}),
  };
  const adversarial = attackBatch(parts, {
    ...sources,
    random: { seed, step },
  });
  const views = new TracedViews({
    ...sources,
    mode: "train",
    ...(adversarial ? { adversarial } : {}),
  });
  const terms: Record<string, Tensor> = { ...objective.terms(views) };
  if (teacher) {
    terms["teacher"] = mean(crossEntropy(views.teacher.logits, labels));
  }

  const loss = Object.values(terms).reduce((sum, term) => add(sum, term));
  const networks = teacher ? [student, teacher] : [student];
  const gradients = grad(
    loss,
    networks.flatMap(({ parameters }) => parameters),
  );
  const learningRate = graph.read(controls.learningRate);
  for (const network of networks) {
    const own = gradients.splice(0, network.parameters.length);
    network.descend(own, { learningRate, optimizer });
  }
  recordSums(parts.sums, { terms, views, batch });
}

/** The batch's adversarial images, where the method has an attack. */
function attackBatch(
  { objective: { surrogate }, attack, attackMode: mode }: TrainingMethod,
  { random: { seed, step }, ...sources }: Omit<ViewSources, "mode"> & {
    readonly random: { readonly seed: number; readonly step: Tensor };
  },
): Tensor | null {
  if (!attack || !surrogate) return null;
  const views = new Map<Tensor, TracedViews>();
  const viewsOf = (adversarial: Tensor): TracedViews => {
    const known = views.get(adversarial) ??
      new TracedViews({ ...sources, mode, adversarial });
    views.set(adversarial, known);
    return known;
  };
  const { x: images, labels } = sources;
  const found = attack.maximize((at) => surrogate(viewsOf(at)), {
    images,
    labels,
    logits: (at) => viewsOf(at).adversarial.logits,
    random: { seed, stream: "attack", step },
  });
  // What the attack did to find them is no part of the loss.
  return detach(found);
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
