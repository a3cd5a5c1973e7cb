// The terms on images without labels, beside those of the labeled batch: a batch of
// their own, attacked by the student's own predictions.

import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { TracedHooks } from "../methods/traced_hooks.ts";
import { TracedViews } from "../methods/traced_views.ts";
import { attackBatch } from "./attack_batch.ts";
import { gatherBatch } from "./batch_sources.ts";
import type { StepInputs } from "./step_inputs.ts";

/** Terms, and the side effects that they asked for. */
export interface UnlabeledTerms {
  readonly terms: Readonly<Record<string, Tensor>>;
  readonly hooks: TracedHooks;
}

/** Traces the terms on an unlabeled batch; null where there are no such images. */
export function unlabeledTerms(
  graph: Graph,
  inputs: StepInputs,
): UnlabeledTerms | null {
  const { method: { unlabeled }, unlabeledData: data, controls } = inputs;
  if (!unlabeled || !data) return null;
  const { objective, batchSize } = unlabeled;
  const batch = gatherBatch(graph, inputs, {
    data,
    position: controls.unlabeledPosition,
    batch: batchSize,
    labeled: false,
  });
  const choice = { objective, isUpdateStep: false };
  const { sources } = attackBatch(inputs, batch, choice);
  const views = new TracedViews({ ...batch, ...sources, mode: "train" });
  const hooks = new TracedHooks(views);
  const terms = Object.fromEntries(
    Object.entries(objective.terms(views, hooks))
      .map(([name, term]) => [`unlabeled ${name}`, term]),
  );
  return { terms, hooks };
}
