// An ensemble of attacks on arrays: what `Classifier.autoAttack` does.

import type { Ensemble } from "../methods/attacks/auto_attack.ts";
import { imageBytes, type ImageShape, type Split } from "../data/dataset.ts";
import { floatsOf, type LabeledImages } from "../data/float_images.ts";
import type { Memory } from "../gpu/memory.ts";
import type { Network } from "../nn/network.ts";
import { evaluateEnsemble } from "../evaluation/ensemble_evaluation.ts";
import { uploadedPoints } from "../evaluation/ensemble_points.ts";
import { stages } from "../runs/ensemble_state.ts";

/** What is attacked, and by what. */
interface AttackedExamples {
  readonly network: Network;
  readonly shape: ImageShape;
  readonly batchSize: number;
  readonly seed: number;
  readonly examples: LabeledImages | Split;
  readonly ensemble: Ensemble;
}

/** What an ensemble finds on checked examples, as the method returns it. */
export async function runAutoAttack(
  memory: Memory,
  { shape, examples, ...options }: AttackedExamples,
) {
  const { network, batchSize, ensemble } = options;
  const values = imageBytes(shape);
  const end = examples.labels.length;
  const images = floatsOf(examples, { shape, start: 0, end });
  const { verdicts, warnings } = await evaluateEnsemble(memory, {
    ...options,
    points: uploadedPoints(examples, { shape, batchSize }),
    onBroken: (index, image) => images.set(image, index * values),
  });
  const { searches } = ensemble.members(network.classes);
  const names = searches.map(({ name }) => name);
  return {
    images,
    brokenBy: verdicts,
    stages: stages(verdicts, names),
    warnings,
  };
}
