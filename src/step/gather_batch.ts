// A batch before the attack: gathered from a split on the device and augmented, with the
// other sources of its views. Images without labels have random streams of their own.

import type { Graph } from "../graph/graph.ts";
import type { Tensor, Variable } from "../graph/tensor.ts";
import type { ViewSources } from "../methods/traced_views.ts";
import type { Mode } from "../nn/layers.ts";
import { batchIndices } from "../ops/batch_indices.ts";
import { gatherAugment } from "../ops/gather_augment.ts";
import { gatherRows } from "../ops/gather_rows.ts";
import type { BatchShare } from "./batch_share.ts";
import type { Method } from "./method.ts";
import type { ResidentSplit } from "./resident_split.ts";
import type { StepInputs } from "./step_inputs.ts";

/** The sources of a batch's views, without the mode. */
export type GatheredBatch = Omit<ViewSources, "mode" | "random"> & {
  readonly random: NonNullable<ViewSources["random"]>;
};

/** Which images a batch has. */
export interface BatchChoice {
  readonly data: ResidentSplit;
  /** The batch's place in the order of its split. */
  readonly position: Variable;
  /** The part of it to gather. */
  readonly share: BatchShare;
  /** Whether the labels may be used. */
  readonly labeled: boolean;
}

/** Traces a batch of images. */
export function gatherBatch(
  graph: Graph,
  { hyperparameters, method, student, teacher, controls }: StepInputs,
  { data, position, share, labeled }: BatchChoice,
): GatheredBatch {
  const { seed, augmentation, precision } = hyperparameters;
  const step = graph.read(controls.step);
  const { count: batch, first: firstRow } = share;
  const random = { seed, step, ...(firstRow > 0 && { firstRow }) };
  const source = { ...data, position: graph.read(position) };
  const stream = streamOf("augment", labeled);
  const { x, labels } = gatherAugment(source, {
    batch,
    ...data.shape,
    augmentation: { ...augmentation, key: { ...random, stream } },
  });
  const { module } = student;
  return {
    x,
    precision,
    student: module,
    epoch: controls.epoch,
    scheduled: (name, schedule) => controls.scheduled(name, schedule),
    indices: () => batchIndices(source, { batch }),
    random,
    ...share.sources,
    ...(labeled && {
      labels,
      ...(data.targets && {
        targets: gatherRows(data.targets, batchIndices(source, { batch })),
      }),
      imagesByClass: () => data.byClass(module.classes),
    }),
    ...teacherSources(source, { method, teacher, batch }),
  };
}

/** The teacher, or the rows of its features that the batch has. */
function teacherSources(
  source: Pick<ResidentSplit, "features" | "order"> & {
    readonly position: Tensor;
  },
  { method, teacher, batch }: Pick<StepInputs, "method" | "teacher"> & {
    readonly batch: number;
  },
): Pick<ViewSources, "teacher" | "teacherFeatures"> {
  const { features } = source;
  if (features) {
    const rows = batchIndices(source, { batch });
    return { teacherFeatures: gatherRows(features, rows) };
  }
  if (!teacher) return {};
  return { teacher: { network: teacher.module, mode: teacherMode(method) } };
}

/** The random stream of a purpose, apart for images without labels. */
export function streamOf(purpose: string, labeled: boolean): string {
  return labeled ? purpose : `${purpose} unlabeled`;
}

/** Batch norm's mode in the teacher; a frozen one's running statistics stay. */
function teacherMode({ pretrained }: Pick<Method, "pretrained">): Mode {
  const { frozen, mode } = pretrained ?? { frozen: false, mode: "train" };
  return frozen && mode === "train" ? "train-untracked" : mode;
}
