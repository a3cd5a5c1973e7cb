// A batch on its way to the terms: gathered from a split on the device, and attacked.
// Images without labels go the same way, under random streams of their own.

import type { PretrainedConfig } from "../config/experiment.ts";
import { detach, type Graph } from "../graph/graph.ts";
import type { Tensor, Variable } from "../graph/tensor.ts";
import type { Mode } from "../nn/layers.ts";
import type { MethodState } from "../methods/method_state.ts";
import type { Objective } from "../methods/objective.ts";
import { TracedViews, type ViewSources } from "../methods/traced_views.ts";
import { batchIndices } from "../ops/batch_indices.ts";
import { gatherAugment } from "../ops/gather_augment.ts";
import { scaledLoss } from "./loss_scale.ts";
import type { ResidentSplit } from "./resident_split.ts";
import type { StepParts } from "./training_step.ts";

/** What views of a batch are made from, but for their mode. */
export type BatchViews = Omit<ViewSources, "mode" | "random"> & {
  readonly random: NonNullable<ViewSources["random"]>;
};

/** Which images a batch has. */
export interface BatchChoice {
  readonly data: ResidentSplit;
  /** The batch's place in the order of its split. */
  readonly position: Variable;
  /** Images in it. */
  readonly batch: number;
  /** Whether anybody may look at labels. */
  readonly labeled: boolean;
}

/** A batch, and what else views of it are made from. */
export function batchSources(
  graph: Graph,
  { settings, student, teacher, pretrained, controls }: StepParts,
  { data, position, batch, labeled }: BatchChoice,
): BatchViews {
  const { seed, augmentation } = settings;
  const { height, width } = data.shape;
  const step = graph.read(controls.step);
  const source = { ...data, position: graph.read(position) };
  const stream = streamOf("augment", labeled);
  const { x, labels } = gatherAugment(source, {
    ...{ batch, height, width },
    augmentation: { ...augmentation, key: { seed, stream, step } },
  });
  const { module } = student.placed;
  return {
    x,
    precision: settings.precision,
    student: module,
    epoch: controls.epoch,
    scheduled: (name, schedule) => controls.scheduled(name, schedule),
    indices: () => batchIndices(source, { batch }),
    random: { seed, step },
    ...(labeled
      ? { labels, imagesByClass: () => data.byClass(module.classes) }
      : {}),
    ...(teacher
      ? {
        teacher: { network: teacher.placed.module, mode: modeOf(pretrained) },
      }
      : {}),
  };
}

function streamOf(purpose: string, labeled: boolean): string {
  return labeled ? purpose : `${purpose} unlabeled`;
}

/** Batch norm's mode in the teacher, of which nothing moves once it is frozen. */
function modeOf(
  pretrained: Pick<PretrainedConfig, "frozen" | "mode"> | null | undefined,
): Mode {
  const { frozen, mode } = pretrained ?? { frozen: false, mode: "train" };
  return frozen && mode === "train" ? "batch" : mode;
}

/** The objective that a batch is attacked for, and what it keeps. */
export interface AttackedObjective {
  readonly objective: Objective;
  readonly state: MethodState;
}

/**
 * The batch's adversarial images and what their attack recorded, where the method has
 * an attack.
 */
export function attackBatch(
  { settings: { precision }, attack, attackMode: mode }: StepParts,
  { random, ...sources }: BatchViews,
  { objective, state }: AttackedObjective,
): Pick<ViewSources, "adversarial" | "recorded" | "reached"> {
  if (!attack || !objective.surrogate) return {};
  const views = new Map<Tensor, TracedViews>();
  const viewsOf = (adversarial: Tensor): TracedViews => {
    const known = views.get(adversarial) ??
      new TracedViews({ ...sources, random, mode, adversarial });
    views.set(adversarial, known);
    return known;
  };
  const { x: images } = sources;
  const labeled = sources.labels !== undefined;
  const before = new TracedViews({ ...sources, random, mode });
  const planned = new Map(
    Object.entries(objective.plan?.(before, state) ?? {}),
  );
  const recorded = new Map(planned);
  // Attacks follow the direction of a gradient, which a factor does not change.
  const surrogate = (at: Tensor) =>
    scaledLoss(objective.surrogate!(viewsOf(at), state), precision);
  const found = attack.maximize(surrogate, {
    images,
    get labels() {
      return before.labels;
    },
    logits: (at) => viewsOf(at).adversarial.logits,
    random: { ...random, stream: streamOf("attack", labeled) },
    epoch: images.graph.read(sources.epoch),
    planned: detached(planned),
    // What there is to record is who was right, which takes labels.
    ...(labeled
      ? { record: (name, values) => recorded.set(name, detach(values)) }
      : {}),
  });
  // What the attack did to find them is no part of the loss.
  const reached = () => detach(objective.surrogate!(viewsOf(found), state));
  return { adversarial: detach(found), recorded, reached };
}

function detached(values: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map([...values].map(([name, value]) => [name, detach(value)]));
}
