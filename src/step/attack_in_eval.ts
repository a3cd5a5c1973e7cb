// An attack on a network in eval mode. Accuracy, features, AutoAttack's rounds and the
// library use it. Equal seeds, streams and batch numbers give equal images.

import type { Tensor } from "../graph/tensor.ts";
import type { Attack, AttackInputs } from "../methods/attack.ts";
import { maximized } from "../methods/checked_results.ts";
import { crossEntropy } from "../nn/losses.ts";
import type { Network } from "../nn/network.ts";
import type { TracedBatch } from "./batch_source.ts";

/** The network, the batch and the address of random numbers. */
export interface EvalAttackOptions
  extends Pick<AttackInputs, "noteZeroGradient"> {
  readonly network: Network;
  readonly batch: TracedBatch;
  readonly seed: number;
  /** The stream of random numbers; "evaluation" if left out. */
  readonly stream?: string;
}

/** The inputs of an attack on a batch. */
export function evalAttackInputs(
  { network, batch, seed, stream = "evaluation", noteZeroGradient }:
    EvalAttackOptions,
): AttackInputs {
  const { x: images, labels, number: step } = batch;
  return {
    images,
    labels,
    logits: (images) => network.call(images, "eval").logits,
    random: { seed, stream, step },
    ...(noteZeroGradient ? { noteZeroGradient } : {}),
  };
}

/** Traces an attack on a batch: adversarial images, (N, H, W, C). */
export function attackInEval(
  attack: Attack,
  { surrogate = crossEntropy, ...options }: EvalAttackOptions & {
    /**
     * The surrogate: logits (N, classes) and class indices u32 (N) to one number per
     * image, (N); cross-entropy if left out.
     */
    readonly surrogate?: (logits: Tensor, labels: Tensor) => Tensor;
  },
): Tensor {
  const inputs = evalAttackInputs(options);
  const loss = (images: Tensor) =>
    surrogate(inputs.logits(images), inputs.labels);
  return maximized(attack, loss, inputs);
}
