// The attack in a training step. An objective with a strategy chooses how each example is
// attacked, and learns from the loss that the attack reached. Only this file knows of
// strategies; descent treats their loss like any auxiliary loss.

import { detach } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { AttackInputs } from "../methods/attack.ts";
import type { Objective } from "../methods/objective.ts";
import { type Signal, Signals } from "../methods/signal.ts";
import type { StepEffects } from "../methods/step_effects.ts";
import { TracedViews, type ViewSources } from "../methods/traced_views.ts";
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

/** The result of an attack, for views. */
export type AttackedBatch = Pick<ViewSources, "adversarial" | "signals">;

/**
 * Traces the search for a batch's adversarial images; nothing where the method has no
 * attack.
 */
export function attackBatch(
  { hyperparameters: { precision }, method: { attack, attackMode } }:
    StepInputs,
  batch: GatheredBatch,
  { objective, isUpdateStep, effects }: AttackChoice,
): AttackedBatch {
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
  const adversarial = attack.maximize(
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
  // No gradient flows through the attack.
  return { adversarial: detach(adversarial), signals };
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
  const labeled = batch.labels !== undefined;
  return {
    images: batch.x,
    get labels() {
      return views.labels;
    },
    logits: (images) => viewsAt(images).adversarial.logits,
    random: { ...batch.random, stream: streamOf("attack", labeled) },
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
