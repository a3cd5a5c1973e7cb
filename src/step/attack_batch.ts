// The attack in a training step. An objective with a strategy chooses how each example is
// attacked, and learns from the loss that the attack reached. Only this file knows of
// strategies; descent treats their loss like any auxiliary loss.

import { detach } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { AttackInputs } from "../methods/attack.ts";
import { maximized } from "../methods/checked_results.ts";
import type { Objective } from "../methods/objective.ts";
import { type Signal, Signals } from "../methods/signal.ts";
import type { StepEffects } from "../methods/step_effects.ts";
import { TracedViews, type ViewSources } from "../methods/traced_views.ts";
import { fill } from "../ops/fill.ts";
import { abs, clamp, less, subtract } from "../ops/pointwise.ts";
import { type GatheredBatch, streamOf } from "./gather_batch.ts";
import { scaledLoss } from "./loss_scale.ts";
import type { StepInputs } from "./step_inputs.ts";

/** The objective that a batch is attacked for. */
export interface AttackChoice {
  readonly objective: Objective;
  /** Whether the objective's strategy, if it has one, is trained in this step. */
  readonly isUpdateStep: boolean;
  /** Takes the loss of the strategy. */
  readonly effects: Pick<StepEffects, "auxiliaryLosses">;
}

/** The name of the running sum that counts what attacks made outside of [0, 1]. */
export const OUTSIDE = "values outside [0, 1]";

/** The result of an attack, for views. */
export type AttackedBatch = Pick<ViewSources, "adversarial" | "signals">;

/**
 * Traces the search for a batch's adversarial images; nothing where the method has no
 * attack.
 */
export function attackBatch(
  { hyperparameters: { precision }, method, sums, countsOutside }: StepInputs,
  batch: GatheredBatch,
  { objective, isUpdateStep, effects }: AttackChoice,
): AttackedBatch {
  const { attack, attackMode } = method;
  const { surrogate, strategy } = objective;
  if (!attack || !surrogate) return {};
  const signals = new Signals();
  const sources = { ...batch, signals, mode: attackMode };
  const views = new TracedViews(sources);
  strategy?.propose(views, {
    isUpdateStep,
    record: (signal, value) => signals.record(signal, value),
  });
  const viewsAt = viewsByImages(sources);
  const adversarial = maximized(
    attack,
    // Attacks follow the direction of a gradient, which a factor does not change.
    (images) => scaledLoss(surrogate(viewsAt(images)), precision),
    attackInputs(batch, { views, viewsAt, signals }),
  );
  if (strategy) {
    const attackLoss = () => detach(surrogate(viewsAt(adversarial)));
    effects.auxiliaryLosses.set(
      strategy.module,
      isUpdateStep ? strategy.auxiliaryLoss(views, attackLoss()) : null,
    );
  }
  if (countsOutside) sums.add(OUTSIDE, outsideUnitRange(adversarial));
  // No gradient flows through the attack.
  return { adversarial: detach(adversarial), signals };
}

/** 1 for each value outside of [0, 1], else 0. */
function outsideUnitRange(images: Tensor): Tensor {
  const distance = abs(subtract(images, clamp(images, { low: 0, high: 1 })));
  return less(fill(images.graph, { shape: [], value: 0 }), distance);
}

/** The inputs of an attack in a training step. */
function attackInputs(
  batch: GatheredBatch,
  { views, viewsAt, signals }: {
    readonly views: TracedViews;
    readonly viewsAt: (adversarial: Tensor) => TracedViews;
    readonly signals: Signals;
  },
): AttackInputs {
  const { labels, targets } = batch;
  const labeled = labels !== undefined && targets === undefined;
  return {
    images: batch.x,
    get labels() {
      // Attacks take the likeliest class of soft targets for the label.
      return labels ?? views.labels;
    },
    logits: (images) => viewsAt(images).adversarial.logits,
    random: {
      ...batch.random,
      stream: streamOf("attack", labels !== undefined),
    },
    epoch: views.epoch,
    read: (signal) => signals.read(signal),
    // Attacks measure by correct predictions, which need labels.
    ...(labeled && {
      record: (signal: Signal, values: Tensor) =>
        signals.record(signal, detach(values)),
    }),
  };
}

/** Views by their adversarial images: images that were seen before are not forwarded again. */
function viewsByImages(
  sources: ViewSources,
): (adversarial: Tensor) => TracedViews {
  const known = new Map<Tensor, TracedViews>();
  return (adversarial) => {
    const views = known.get(adversarial) ??
      new TracedViews({ ...sources, adversarial });
    known.set(adversarial, views);
    return views;
  };
}
