// Views: the data of one batch, and the outputs of student and teacher on its clean and
// adversarial images, from which methods compute their losses. A forward pass is traced
// when its output is first used, and shared afterwards.

import type { Tensor } from "../graph/tensor.ts";
import type { Output } from "../nn/network.ts";
import type { RandomKey } from "../ops/random/random.ts";
import type { ImagesByClass } from "../ops/random/sample_negatives.ts";
import type { EpochSchedule } from "./epoch_schedule.ts";
import type { Signal } from "./signal.ts";

/**
 * The data of one step, in one graph. The student's training-mode forwards happen
 * in the order in which views are first used, and update the running statistics
 * in that order.
 */
export interface Views {
  /** Clean images (N, H, W, C) in [0, 1]. */
  readonly x: Tensor;
  /**
   * Class indices, u32 (N).
   *
   * @throws {TypeError} where images have soft targets, whose classes nobody said.
   */
  readonly labels: Tensor;
  /**
   * What cross-entropy compares with: the labels or, where images have soft targets or
   * labels are smoothed, the probabilities of classes, f32 (N, classes).
   */
  readonly targets: Tensor;
  /** Places of the images in the training split, u32 (N), all different. */
  readonly indices: Tensor;
  /** All images of the training split, for terms that draw from other classes. */
  readonly imagesByClass: ImagesByClass;
  /** The student on clean images. */
  readonly clean: Output;
  /** The student on adversarial images. */
  readonly adversarial: Output;
  /** The teacher on clean images. */
  readonly teacher: Output;
  /** The same by its running statistics. */
  readonly teacherInEval: Output;
  /** The teacher on adversarial images. */
  readonly teacherAdversarial: Output;
  /** The epoch, counted from 1, an f32 scalar. */
  readonly epoch: Tensor;
  /**
   * Reads what the attack, or the objective before it, recorded.
   *
   * @throws {TypeError} if this signal was not recorded.
   */
  read<T>(signal: Signal<T>): T;
  /** A number that follows the epoch, as a scalar. */
  scheduled(name: string, schedule: EpochSchedule): Tensor;
  /**
   * Features (N, D) of the whole batch, where this is a part of one and other processes
   * have the rest; else the features themselves. Gradients reach those of this part, as
   * if one process computed the loss.
   */
  ofAllRanks(...features: readonly Tensor[]): readonly Tensor[];
  /** The address of this step's random numbers for a purpose. */
  random(stream: string): RandomKey;
}
