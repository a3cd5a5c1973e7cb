// An attack maximizes any per-example surrogate over the images of a batch. What
// the surrogate is, and in which mode the network runs, is the caller's: the same
// attack serves training on any objective and evaluation. Attacks that look at
// predictions as well, to stop at the first mistake or to choose a target class,
// are given the network's logits and the labels. What an attack measures on its way,
// such as how many steps an example survived, it can record for the objective.

import type { Tensor } from "../graph/tensor.ts";
import type { RandomKey } from "../ops/random/random.ts";
import type { Signal } from "./signal.ts";

/** What an attack is given. */
export interface AttackInputs {
  /** Clean images (N, H, W, 3) in [0, 1]. */
  readonly images: Tensor;
  /** Class indices of the images, u32 (N). */
  readonly labels: Tensor;
  /**
   * The attacked network's logits (N, classes), in the mode of the surrogate; where
   * both look at the same images, the network is forwarded once.
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
   * one number per example, (N,). Training takes what it returns as constant.
   */
  maximize(surrogate: (images: Tensor) => Tensor, inputs: AttackInputs): Tensor;
}
