// A run's network as figures use it: its outputs on the first test images, clean and
// adversarial, as plain arrays.

import { UserError } from "../../base/errors.ts";
import type { Split } from "../../data/dataset.ts";
import { floatImages } from "../../data/float_images.ts";
import type { Dataset } from "../../data/dataset.ts";
import { buildAttack, buildNetwork } from "../../step/build.ts";
import type { AttackConfig, Experiment } from "../../config/experiment.ts";
import type { Device } from "../../gpu/device.ts";
import { Classifier } from "../../library/classifier.ts";

/** The network and the images. */
export interface Examination {
  readonly device: Device;
  readonly experiment: Experiment;
  /** The file with the student's tensors. */
  readonly checkpoint: string;
  readonly dataset: Dataset;
  /** Images from the start of the test set. */
  readonly limit: number;
}

/** Images, pixel after pixel, and the network's predictions. */
export interface Examined {
  /** (count, height, width, 3) in [0, 1]. */
  readonly images: Float32Array;
  /** The likeliest class of every image. */
  readonly predictions: readonly number[];
}

/** The network computes no numbers, as that of a run that diverged. */
export class DivergedError extends UserError {}

/** A run's student on a device. Dispose of it. */
export class ExaminedNetwork {
  /** The clean images with their labels. */
  readonly split: Split;
  readonly #options: Examination;
  readonly #classifier: Classifier;

  private constructor(options: Examination, classifier: Classifier) {
    this.#options = options;
    this.#classifier = classifier;
    this.split = firstOf(options.dataset, options.limit);
  }

  /**
   * Loads the network.
   *
   * @throws {TypeError} if the file has not the tensors of the experiment's student.
   */
  static async open(options: Examination): Promise<ExaminedNetwork> {
    const { device, experiment, dataset } = options;
    const { height, width } = dataset.shape;
    const classes = dataset.classNames.length;
    const classifier = new Classifier(device, {
      network: buildNetwork(experiment.student, { classes }),
      height,
      width,
      seed: experiment.seed,
      batchSize: experiment.evaluation.batchSize,
    });
    try {
      await classifier.load(options.checkpoint);
      return new ExaminedNetwork(options, classifier);
    } catch (error) {
      classifier.dispose();
      throw error;
    }
  }

  /**
   * Clean images: those that are looked at, unless others are given.
   *
   * @throws {DivergedError} if the network computes no numbers, here and below.
   */
  async clean(split: Split = this.split): Promise<Examined> {
    return await this.#examine(
      floatImages(split, this.#options.dataset.shape),
    );
  }

  /** The images that an attack makes of them. */
  async attacked(
    attack: AttackConfig,
    split: Split = this.split,
  ): Promise<Examined> {
    return await this.#examine(this.#numbers(
      await this.#classifier.attack(split, buildAttack(attack)),
    ));
  }

  /** The features before the last layer, (count, features). */
  async features({ images }: Examined): Promise<Float32Array> {
    return this.#numbers(await this.#classifier.features(images));
  }

  /** Releases what the network has on the device. */
  dispose(): void {
    this.#classifier.dispose();
  }

  /** As {@linkcode ExaminedNetwork.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #numbers(values: Float32Array): Float32Array {
    const wrong = values.find((value) => !Number.isFinite(value));
    if (wrong === undefined) return values;
    throw new DivergedError(
      `Cannot look at the network in ${this.#options.checkpoint}: expected it ` +
        `to compute numbers but found ${wrong}, as where training has diverged`,
    );
  }

  async #examine(images: Float32Array): Promise<Examined> {
    const logits = this.#numbers(await this.#classifier.predict(images));
    const { classes } = this.#classifier.network;
    const predictions = Array.from(
      { length: logits.length / classes },
      (_, i) => largest(logits.subarray(i * classes, (i + 1) * classes)),
    );
    return { images, predictions };
  }
}

function firstOf({ test, shape }: Dataset, limit: number): Split {
  const count = Math.min(limit, test.count);
  const bytes = shape.channels * shape.height * shape.width;
  return {
    images: test.images.subarray(0, count * bytes),
    labels: test.labels.subarray(0, count),
    count,
  };
}

/** The place of the largest value, the first one where several are. */
function largest(values: Float32Array): number {
  return values.reduce(
    (best, value, i) => value > values[best]! ? i : best,
    0,
  );
}
