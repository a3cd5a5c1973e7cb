// Accuracy between the epochs of a training in memory, on images that it does not train
// on: on them as they are and, if there is an attack, on what it makes of them.

import type { Split } from "../data/dataset.ts";
import type { LabeledImages } from "../data/float_images.ts";
import type { Attack } from "../methods/attack.ts";
import { crossEntropy } from "../nn/losses.ts";
import type { Network } from "../nn/network.ts";
import { correct } from "../ops/loss/margin.ts";
import { attackInEval } from "../step/attack_in_eval.ts";
import type { TracedBatch } from "../step/batch_source.ts";
import type { ImageBatches } from "./image_batches.ts";

/** What to measure after every epoch. */
export interface Validation {
  /** Images that are not trained on. */
  readonly examples: LabeledImages | Split;
  /** Finds adversarial images, if robustness is to be measured too. */
  readonly attack?: Attack | null;
}

/** Fractions of images that are classified as labeled. */
export interface ValidationAccuracy {
  /** Of the images as they are. */
  readonly accuracy: number;
  /** Of the adversarial images; null without an attack. */
  readonly robustAccuracy: number | null;
}

/** Measures a network in eval mode. */
export async function validate(
  batches: ImageBatches,
  { network, seed, validation: { examples, attack } }: {
    readonly network: Network;
    readonly seed: number;
    readonly validation: Validation;
  },
): Promise<ValidationAccuracy> {
  const fraction = async (
    name: string,
    images: (batch: TracedBatch) => TracedBatch["x"],
  ) => {
    const hits = await batches.map(examples, {
      name,
      width: 1,
      trace: (batch) =>
        correct(network.call(images(batch), "eval").logits, batch.labels),
    });
    return hits.reduce((sum, hit) => sum + hit, 0) / hits.length;
  };
  const surrogate = crossEntropy;
  return {
    accuracy: await fraction("accuracy", ({ x }) => x),
    robustAccuracy: attack
      ? await fraction(
        attack.name,
        (batch) => attackInEval(attack, { network, batch, seed, surrogate }),
      )
      : null,
  };
}
