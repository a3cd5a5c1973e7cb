// Accuracy between the epochs of a training in memory, on images that it does not train
// on: on them as they are and, if there is an attack, on what it makes of them.

import { crossEntropy } from "../nn/losses.ts";
import type { Network } from "../nn/network.ts";
import { correct } from "../ops/loss/margin.ts";
import { attackInEval } from "../step/attack_in_eval.ts";
import type { TracedBatch } from "../step/batch_source.ts";
import type { FitOptions } from "./fit_options.ts";
import type { ImageBatches } from "./image_batches.ts";

/** Measures a network in eval mode. */
export async function validate(
  batches: ImageBatches,
  { network, seed, validation: { examples, attack } }: {
    readonly network: Network;
    readonly seed: number;
    readonly validation: NonNullable<FitOptions["validation"]>;
  },
): Promise<{
  readonly accuracy: number;
  readonly robustAccuracy: number | null;
}> {
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
