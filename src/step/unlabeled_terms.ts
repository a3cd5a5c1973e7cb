// The terms on images without labels, beside those of the labeled batch. They have a batch
// of their own, whose attack maximizes the change of the student's predictions.

import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { StepEffects } from "../methods/step_effects.ts";
import { termsOf } from "../methods/checked_results.ts";
import { TracedViews } from "../methods/traced_views.ts";
import { mulScalar } from "../ops/pointwise.ts";
import { attackBatch } from "./attack_batch.ts";
import { gatherBatch } from "./gather_batch.ts";
import { BatchShare } from "./batch_share.ts";
import type { StepInputs } from "./step_inputs.ts";

/** Traces the terms on an unlabeled batch; none where there are no such images. */
export function unlabeledTerms(
  graph: Graph,
  inputs: StepInputs,
  { effects, share }: {
    readonly effects: StepEffects;
    /** The rank's part of the batch with labels, whose weight all terms get. */
    readonly share: BatchShare;
  },
): Record<string, Tensor> {
  const { method: { unlabeled }, unlabeledData: data, controls } = inputs;
  if (!unlabeled || !data) return {};
  const { objective, batchSize } = unlabeled;
  const own = new BatchShare(batchSize, inputs.ranks);
  const batch = gatherBatch(graph, inputs, {
    data,
    position: controls.unlabeledPosition,
    share: own,
    labeled: false,
  });
  const choice = { objective, isUpdateStep: false, effects };
  const attacked = attackBatch(inputs, batch, choice);
  const views = new TracedViews({ ...batch, ...attacked, mode: "train" });
  return Object.fromEntries(
    Object.entries(termsOf(objective, views, effects.hooks(views)))
      .map((
        [name, term],
      ) => [
        `unlabeled ${name}`,
        own.weight === share.weight
          ? term
          : mulScalar(term, own.weight / share.weight),
      ]),
  );
}
