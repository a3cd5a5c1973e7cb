// The hyperparameters of a training run.

import { mismatch } from "../base/check_fields.ts";
import {
  boolean,
  choice,
  type Field,
  type Fields,
  number,
  object,
  optional,
  whole,
} from "../base/fields.ts";
import { OPTIMIZER, type OptimizerConfig } from "./optimizer.ts";

/** Random changes of training images. */
export interface AugmentationConfig {
  /** Zeros around an image, from which a crop of its size is taken. */
  readonly padding: number;
  /** Whether half of the images are mirrored. */
  readonly flip: boolean;
  /**
   * The side of a square that is erased (Cutout, DeVries & Taylor, 2017), in pixels; none
   * if left out or 0. Its center is uniform over the image behind crop and mirroring, and
   * what is outside of the image is cut off. Its pixels are 0, before any normalization.
   */
  readonly cutout?: number;
}

/** The hyperparameters of a training run. */
export interface Hyperparameters {
  /** The source of all randomness: 0 to 4,294,967,295. */
  readonly seed: number;
  /** Times that every training image is visited. */
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** What is drawn anew for each image of a step. */
  readonly augmentation: AugmentationConfig;
  /**
   * The part of a label's weight that cross-entropy spreads evenly over all classes, as
   * `CrossEntropyLoss(label_smoothing=)` of PyTorch does, from 0 to below 1; 0 if left
   * out. It is that of the student's terms and of the teacher's: of the clean images for
   * TRADES, of both for ALP, of the adversarial ones for MART, whose margin and weights
   * keep the label, and for GAIRAT. The attack's own loss keeps the label.
   */
  readonly labelSmoothing?: number;
  /** The optimizer of all networks. */
  readonly optimizer: OptimizerConfig;
  /** Whether to compute the insides of residual blocks twice instead of keeping them. */
  readonly recompute: boolean;
  /**
   * How training keeps activations and their gradients: `f16` takes half the memory,
   * on devices that have it. Everything else is f32, evaluations included.
   */
  readonly precision: "f32" | "f16";
}

/** Batch norm's mode. */
export const MODE: Field = choice(["eval", "train"], {
  about: "batch norm's mode",
});

/** The fields of {@linkcode Hyperparameters}. */
export const HYPERPARAMETERS: Fields<Hyperparameters> = {
  seed: whole({
    least: 0,
    most: 0xffffffff,
    about: "the source of all randomness",
  }),
  epochs: whole({
    least: 1,
    ceiling: 1_000_000,
    about: "times that every training image is visited",
  }),
  batchSize: whole({ least: 2, ceiling: 65_536, about: "images per step" }),
  augmentation: object<AugmentationConfig>({
    padding: whole({
      least: 0,
      ceiling: 1024,
      about: "zeros around an image that is cropped",
    }),
    flip: boolean({ about: "whether half of the images are mirrored" }),
    cutout: optional(whole({ least: 0, ceiling: 1024 }), {
      about: "the side of a square of zeros at a random place (Cutout)",
    }),
  }),
  labelSmoothing: optional(number({ least: 0, below: 1 }), {
    about: "the part of a label's weight that is spread over all classes, in " +
      "cross-entropies of student and teacher; attacks keep the label",
  }),
  optimizer: OPTIMIZER,
  recompute: boolean({ about: "compute blocks twice instead of keeping them" }),
  precision: choice(["f32", "f16"], {
    about: "how activations are kept; f16 takes half the memory, and is for " +
      "GPUs that have shader-f16",
  }),
};

/** The hyperparameters alone of an experiment, or of anything that has them. */
export function onlyHyperparameters(
  settings: Hyperparameters,
): Hyperparameters {
  const { seed, epochs, batchSize, augmentation } = settings;
  const { labelSmoothing, optimizer, recompute, precision } = settings;
  return {
    seed,
    epochs,
    batchSize,
    augmentation,
    ...labelSmoothing !== undefined && { labelSmoothing },
    optimizer,
    recompute,
    precision,
  };
}

/**
 * Checks hyperparameters.
 *
 * @param name The name of the training, for the error.
 * @throws {RangeError} naming the number.
 */
export function checkHyperparameters(
  name: string,
  settings: Hyperparameters,
): void {
  const wrong = mismatch(
    onlyHyperparameters(settings),
    object(HYPERPARAMETERS),
  );
  if (!wrong) return;
  throw new RangeError(
    `Cannot run ${name}: expected ${wrong.path} to be ${wrong.expected} but ` +
      `found ${wrong.found}`,
  );
}
