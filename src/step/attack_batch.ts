// The attack in a training step. An objective with a strategy chooses it before the
// attack, and learns from what the attack achieved; no other file of a step knows of
// strategies but by the loss that follows.

import { detach } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { AttackInputs } from "../methods/attack.ts";
import type { Objective } from "../methods/objective.ts";
import { type Signal, Signals } from "../methods/signal.ts";
import type { AuxiliaryLoss } from "../methods/step_hooks.ts";
import { TracedViews, type ViewSources } from "../methods/traced_views.ts";
import type { Module } from "../nn/module.ts";
import { type BatchSources, streamOf } from "./batch_sources.ts";
import { scaledLoss } from "./loss_scale.ts";
import type { StepInputs } from "./step_inputs.ts";

/** The objective that a batch is attacked for. */
export interface AttackChoice {
  readonly objective: Objective;
  /** Whether the objective's strategy, if it has one, is trained in this step. */
  readonly isUpdateStep: boolean;
}

/** What an attack leaves in a step. */
export interface AttackedBatch {
  /** What views have beside those of the clean batch. */
  readonly sources: Pick<ViewSources, "adversarial" | "signals">;
  /** The loss of the objective's strategy; null where it stays as it is. */
  readonly strategyLosses: ReadonlyMap<Module, AuxiliaryLoss | null>;
}

/**
 * Traces the search for a batch's adversarial images; nothing where the method has no
 * attack.
 */
export function attackBatch(
  { hyperparameters: { precision }, method: { attack, attackMode } }:
    StepInputs,
  batch: BatchSources,
  { objective, isUpdateStep }: AttackChoice,
): AttackedBatch {
  const { surrogate, strategy } = objective;
  if (!attack || !surrogate) return { sources: {}, strategyLosses: new Map() };
  const signals = new Signals();
  const sources = { ...batch, signals, mode: attackMode };
  const views = new TracedViews(sources);
  strategy?.propose(views, { isUpdateStep, signals });
  const viewsAt = viewsByImages(sources);
  const adversarial = attack.maximize(
    // Attacks follow the direction of a gradient, which a factor does not change.
    (images) => scaledLoss(surrogate(viewsAt(images)), precision),
    attackInputs(batch, { views, viewsAt, signals }),
  );
  const strategyLosses = new Map<Module, AuxiliaryLoss | null>();
  if (strategy) {
    const attackLoss = () => detach(surrogate(viewsAt(adversarial)));
    const loss = isUpdateStep
      ? strategy.auxiliaryLoss(views, attackLoss())
      : null;
    strategyLosses.set(strategy.module, loss);
  }
  // How the attack found the images is no part of the loss.
  const found = { adversarial: detach(adversarial), signals };
  return { sources: found, strategyLosses };
}

/** What an attack is given in a training step. */
function attackInputs(
  batch: BatchSources,
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
    // What an attack measures depends on who is classified correctly.
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
