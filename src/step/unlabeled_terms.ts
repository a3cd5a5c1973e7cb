// The terms on images without labels, beside those of the labeled batch: a batch of
// their own, attacked by the student's own predictions.

import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import {
  type Afterwards,
  TracedViews,
  type ViewSources,
} from "../methods/traced_views.ts";
import { attackBatch, batchSources } from "./batch_views.ts";
import type { StepParts } from "./training_step.ts";

/** Traces the terms on an unlabeled batch; none where there are no such images. */
export function unlabeledTerms(
  graph: Graph,
  parts: StepParts,
  { afterwards, due }: Pick<ViewSources, "due"> & {
    readonly afterwards: Afterwards;
  },
): Record<string, Tensor> {
  const { unlabeled, controls } = parts;
  if (!unlabeled) return {};
  const { objective, kept: { state }, data, batchSize: batch } = unlabeled;
  const clean = batchSources(graph, parts, {
    ...{ data, batch, position: controls.unlabeledPosition, labeled: false },
  });
  const adversarial = attackBatch(parts, clean, { objective, state });
  const sources = { ...clean, ...adversarial, due: due ?? true };
  const views = new TracedViews({ ...sources, mode: "train", afterwards });
  const terms = Object.entries(objective.terms(views, state));
  return Object.fromEntries(
    terms.map(([name, term]) => [`unlabeled ${name}`, term]),
  );
}
