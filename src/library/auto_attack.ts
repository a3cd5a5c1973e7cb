// AutoAttack on arrays: the options and the result of `Classifier.autoAttack`.

import type { Ensemble } from "../methods/attacks/auto_attack.ts";
import { imageBytes, type Split } from "../data/dataset.ts";
import { floatsOf, type LabeledImages } from "../data/float_images.ts";
import type { Memory } from "../gpu/memory.ts";
import type { Network } from "../nn/network.ts";
import { evaluateEnsemble } from "../evaluation/auto_attack/ensemble.ts";
import { stages } from "../runs/ensemble_state.ts";
import type { BatchSource } from "../step/batch_source.ts";

/** The ball, and the attacks to run in it. */
export interface AutoAttackRequest {
  /** The norm of a perturbation. */
  readonly norm: "linf" | "l2";
  /** The radius of the ball, for images in [0, 1]. */
  readonly epsilon: number;
  /** Which ensemble; "standard" if left out. */
  readonly version?: "standard" | "plus" | "rand";
  /** Other attacks than the version's, in the order to run them. */
  readonly attacks?: readonly (
    "apgd-ce" | "apgd-dlr" | "apgd-t" | "fab" | "fab-t" | "square"
  )[];
  /** Steps of Auto-PGD and FAB; 100 if left out. */
  readonly steps?: number;
  /** Starts of untargeted attacks; 1 if left out, 5 in "plus". */
  readonly restarts?: number;
  /** Classes that targeted attacks aim at; 9 if left out, or all wrong ones. */
  readonly targets?: number;
  /** Predictions that Square asks for after the first; 5,000 if left out. */
  readonly queries?: number;
  /** Passes whose gradients Auto-PGD averages; 1 if left out, 20 in "rand". */
  readonly samples?: number;
}

/** The result of AutoAttack. */
export interface AutoAttackResult {
  /**
   * For every image the attack that broke it, "clean" where none was needed, null
   * where none did.
   */
  readonly brokenBy: readonly (string | null)[];
  /**
   * The adversarial images where an attack broke them, else the clean ones,
   * (count, height, width, C).
   */
  readonly images: Float32Array<ArrayBuffer>;
  /** How many images are classified correctly at first and after each attack. */
  readonly stages: readonly {
    readonly name: string;
    readonly correct: number;
    readonly count: number;
  }[];
  /** Reasons to doubt the result, a sentence each. */
  readonly warnings: readonly string[];
}

interface AttackedExamples {
  readonly network: Network;
  readonly batchSize: number;
  readonly seed: number;
  readonly examples: LabeledImages | Split;
  /** Batches of the examples. */
  readonly source: BatchSource;
  readonly ensemble: Ensemble;
}

/** Runs an ensemble on examples. */
export async function runAutoAttack(
  memory: Memory,
  { examples, ...options }: AttackedExamples,
): Promise<AutoAttackResult> {
  const { network, ensemble, source: { shape } } = options;
  const values = imageBytes(shape);
  const end = examples.labels.length;
  const images = floatsOf(examples, { shape, start: 0, end });
  const { verdicts, warnings } = await evaluateEnsemble(memory, {
    ...options,
    onBroken: (index, image) => images.set(image, index * values),
  });
  const { attacks } = ensemble.members(network.classes);
  const names = attacks.map(({ name }) => name);
  return {
    images,
    brokenBy: verdicts,
    stages: stages(verdicts, names),
    warnings,
  };
}
