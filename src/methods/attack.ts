// An attack maximizes a surrogate, one number per example, over the images of a batch.
// The caller chooses the surrogate and the network's mode, so that one attack serves
// training on any objective and evaluation. Logits and labels are inputs, too, for attacks
// that stop at the first mistake or choose a target class. An attack can record what it
// measures, such as how many steps an example survived, for the objective.

import type { Tensor } from "../graph/tensor.ts";
import type { RandomKey } from "../ops/random/random.ts";
import type { Signal } from "./signal.ts";

/** The inputs of an attack. */
export interface AttackInputs {
  /** Clean images (N, H, W, C) in [0, 1]. */
  readonly images: Tensor;
  /** Class indices of the images, u32 (N). */
  readonly labels: Tensor;
  /**
   * The attacked network's logits (N, classes), in the mode of the surrogate; where
   * both use the same images, the network is forwarded once.
   */
  logits(images: Tensor): Tensor;
  /** Address of the attack's random numbers. */
  readonly random: RandomKey;
  /** The epoch of training, counted from 1, an f32 scalar; absent outside of it. */
  readonly epoch?: Tensor;
  /**
   * Reads what the objective recorded before the attack; absent outside training.
   *
   * @throws {TypeError} if it recorded no such signal.
   */
  read?<T>(signal: Signal<T>): T;
  /**
   * Records a number per example, (N,), for the objective; absent outside training,
   * and where there are no labels.
   */
  record?(signal: Signal, values: Tensor): void;
  /**
   * Hands on where the attack had nothing to follow: 1 for each image whose gradient was
   * 0 in every step, else 0, (N,); absent where nobody asks.
   */
  noteZeroGradient?(zero: Tensor): void;
}

/** A way to find adversarial images. */
export interface Attack {
  /** Shown in results, such as "pgd-20". */
  readonly name: string;
  /**
   * Traces the search for images that maximize `surrogate`, which maps images to
   * one number per example, (N,). Training takes the returned images as constant.
   */
  maximize(surrogate: (images: Tensor) => Tensor, inputs: AttackInputs): Tensor;
}
