// One training step as a graph: it gathers a batch, attacks it, computes the objective's
// terms from views of the batch, and descends along their sum. All parts of a method meet
// here.

import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { hasOwnClasses } from "../config/pretrained.ts";
import { termsOf } from "../methods/checked_results.ts";
import { StepEffects } from "../methods/step_effects.ts";
import { TracedViews } from "../methods/traced_views.ts";
import { crossEntropy } from "../nn/losses.ts";
import { correct } from "../ops/loss/margin.ts";
import { add, mulScalar } from "../ops/pointwise.ts";
import { mean } from "../ops/reduce/reduce.ts";
import { averageStudent } from "./average_student.ts";
import { attackBatch } from "./attack_batch.ts";
import {
  averageStatistics,
  BatchShare,
  checkShareable,
  summedGradients,
} from "./batch_share.ts";
import { gatherBatch, type GatheredBatch } from "./gather_batch.ts";
import { descend } from "./descent.ts";
import { scaledLoss } from "./loss_scale.ts";
import type { StepInputs } from "./step_inputs.ts";
import { unlabeledTerms } from "./unlabeled_terms.ts";
import { gammaAt, perturbWeights } from "./weight_perturbation.ts";

/** Names of running sums that are counts of correct predictions. */
export const CORRECT = {
  clean: "clean correct",
  adversarial: "adversarial correct",
  teacher: "teacher correct",
} as const;

/** Which step is traced. */
export interface StepChoice {
  /** Images in the batch, of all ranks. */
  readonly batch: number;
  /** Whether the objective's strategy, if it has one, is trained in this step. */
  readonly isUpdateStep: boolean;
}

/** Traces a step on a batch of the given size. */
export function traceTrainingStep(
  graph: Graph,
  inputs: StepInputs,
  { batch, isUpdateStep }: StepChoice,
): void {
  const { data, controls: { position }, method: { objective } } = inputs;
  const effects = new StepEffects();
  const share = new BatchShare(batch, inputs.ranks);
  const choice = { data, position, share, labeled: true };
  const clean = gatherBatch(graph, inputs, choice);
  const attacked = attackBatch(inputs, clean, {
    objective,
    isUpdateStep,
    effects,
  });
  const { labelSmoothing = 0 } = inputs.hyperparameters;
  const sources = { ...clean, ...attacked, labelSmoothing };
  const restoreWeights = perturb(inputs, sources, share);
  const views = new TracedViews({ ...sources, mode: "train" });
  const terms = {
    ...termsOf(objective, views, effects.hooks(views)),
    ...unlabeledTerms(graph, inputs, { effects, share }),
    ...teacherTerm(inputs, views),
  };
  const { auxiliaryLosses, updates } = effects;
  if (share.shared) checkShareable(effects);
  const measured = { terms, views, share, labels: clean.labels! };
  // Before the exchange of the step, which takes the sums along.
  if (share.shared) recordSums(inputs, measured);
  const loss = share.weighted(total(terms));
  descend(graph, inputs, { loss, auxiliaryLosses, share });
  restoreWeights();
  forwardCleanAgain(inputs, sources, share);
  for (const update of updates) update();
  averageStudent(graph, inputs);
  if (!share.shared) recordSums(inputs, measured);
}

/** Forwards the clean images by the new weights, where the method does. */
function forwardCleanAgain(
  inputs: StepInputs,
  sources: GatheredBatch,
  share: BatchShare,
): void {
  if (!inputs.method.weightPerturbation?.cleanForward) return;
  // For its running statistics alone.
  void new TracedViews({ ...sources, mode: "train" }).clean;
  if (share.shared) averageStatistics(sources.x.graph, inputs, share);
}

/** The cross-entropy of a teacher; none where it is not trained. */
function teacherTerm(
  { teacher, method: { pretrained } }: StepInputs,
  views: TracedViews,
): Record<string, Tensor> {
  if (!teacher || pretrained?.frozen) return {};
  const { teacher: { logits }, targets } = views;
  return { teacher: mean(crossEntropy(logits, targets)) };
}

/** Perturbs the student's weights, if the method does. Returns a function to restore them. */
function perturb(
  { hyperparameters: { precision }, method, student }: StepInputs,
  sources: GatheredBatch,
  share: BatchShare,
): () => void {
  const { objective, weightPerturbation } = method;
  if (!weightPerturbation) return () => {};
  // This forward pass updates no running statistics, and its side effects are dropped.
  const mode = "train-untracked";
  const { teacher } = sources;
  const views = new TracedViews({
    ...sources,
    mode,
    ...(teacher?.mode === "train" && { teacher: { ...teacher, mode } }),
  });
  const terms = termsOf(objective, views, new StepEffects().hooks(views));
  return perturbWeights(student.parameters, {
    // Only the direction of its gradient is used, which a factor does not change.
    loss: scaledLoss(share.weighted(total(terms)), precision),
    gamma: gammaAt(weightPerturbation, views.epoch),
    ...(share.shared && {
      summed: (gradients) => summedGradients(student, gradients),
    }),
  });
}

function total(terms: Readonly<Record<string, Tensor>>): Tensor {
  return Object.values(terms).reduce((sum, term) => add(sum, term));
}

/** Adds the batch to the running sums: terms weighted by images, and correct counts. */
function recordSums(
  { sums, method: { pretrained } }: StepInputs,
  { terms, views, share, labels }: {
    readonly terms: Readonly<Record<string, Tensor>>;
    readonly views: TracedViews;
    readonly share: BatchShare;
    readonly labels: Tensor;
  },
): void {
  for (const [name, term] of Object.entries(terms)) {
    sums.add(name, mulScalar(term, share.count));
  }
  for (const [view, name] of Object.entries(CORRECT)) {
    if (view === "teacher" && hasOwnClasses(pretrained)) continue;
    const output = views.traced.get(view);
    if (output) sums.add(name, correct(output.logits, labels));
  }
}
