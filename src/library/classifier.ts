// A network on a device, for programs that train and attack it in memory. Inputs and
// results are arrays, and no file is written but by `save`. The runs of the command line
// use the same code for training and attacks, and add logs, checkpoints and cards.

import type { Attack } from "../methods/attack.ts";
import { autoAttack } from "../methods/attacks/auto_attack.ts";
import { l2, linf } from "../methods/threat_model.ts";
import { imageBytes, type ImageShape, type Split } from "../data/dataset.ts";
import { checkUnitRange, type LabeledImages } from "../data/float_images.ts";
import {
  type AutoAttackRequest,
  type AutoAttackResult,
  runAutoAttack,
} from "./auto_attack.ts";
import type { FitOptions } from "./fit_options.ts";
import type { Device } from "../gpu/device.ts";
import { Memory } from "../gpu/memory.ts";
import type { Tensor } from "../graph/tensor.ts";
import { ImageBatches } from "./image_batches.ts";
import { networkFile, readNetworkFile } from "../weights/network_file.ts";
import { crossEntropy } from "../nn/losses.ts";
import { materialize, type Materialized } from "../nn/module.ts";
import type { Network, Output } from "../nn/network.ts";
import { correct } from "../ops/loss/margin.ts";
import { attackInEval } from "../step/attack_in_eval.ts";
import {
  readValues,
  writeInitialValues,
  writeValues,
} from "../step/network_values.ts";
import type { AttackOptions, ClassifierOptions } from "./classifier_options.ts";
import { fit } from "./fit.ts";
import { inspection } from "./inspection.ts";
import { writeFile } from "./write_file.ts";
import { type SoftLabeledImages, trainingSplit } from "./training_split.ts";

/**
 * A network on a device. Dispose of it with `using` or {@linkcode Classifier.dispose};
 * every other method throws a `TypeError` afterwards.
 */
export class Classifier {
  /** The network itself. */
  readonly network: Network;
  /** The extent of the images that it takes. */
  readonly shape: ImageShape;
  readonly #seed: number;
  readonly #materialized: Materialized<Network>;
  readonly #batchSize: number;
  /** Null once this is disposed of. */
  #onDevice: {
    readonly memory: Memory;
    readonly batches: ImageBatches;
  } | null;

  /** Puts a network on a device, at the starting values that the seed decides. */
  constructor(device: Device, options: ClassifierOptions) {
    const { network, height, width, seed = 0, batchSize = 128 } = options;
    const { channels = 3 } = options;
    const { classes, featureSize } = network;
    const widest = Math.max(classes, featureSize);
    const shape = { channels, height, width };
    this.network = network;
    this.shape = shape;
    this.#seed = seed;
    this.#batchSize = batchSize;
    const memory = new Memory(device);
    // Starting values depend on the name: this is the one in runs.
    this.#materialized = materialize(network, "student");
    const batches = new ImageBatches(memory, {
      shape,
      classes,
      widest,
      batchSize,
    });
    this.#onDevice = { memory, batches };
    writeInitialValues(memory, { materialized: this.#materialized, seed });
  }

  /**
   * Trains the network from its current values. Every call starts with a new optimizer.
   * An epoch leaves out a last batch that is too small for the method, as a single image
   * is for methods that compare images with each other.
   *
   * @param examples Arrays of one's own, with labels or with probabilities of classes,
   * or a split of a data set. Images of numbers take four times the memory of bytes.
   * @throws {TypeError} if images have not this network's size, a term of the objective
   * is no scalar, or an objective wants labels where there are probabilities.
   * @throws {RangeError} if a label is no class, a number out of its range, or the
   * attack leaves [0, 1].
   * @throws {UserError} if a loss is not finite, unless `keepGoing` says to go on.
   */
  async fit(
    examples: LabeledImages | SoftLabeledImages | Split,
    options: FitOptions,
  ): Promise<void> {
    const { shape, network: { classes } } = this;
    await fit(this.#memory, {
      materialized: this.#materialized,
      split: trainingSplit(examples, { shape, classes }),
      shape,
      seed: this.#seed,
      options,
    });
  }

  /**
   * The logits of images, (count, classes).
   *
   * @param images (count, height, width, C): bytes, or numbers from 0 to 1.
   */
  async predict(
    images: LabeledImages["images"],
  ): Promise<Float32Array<ArrayBuffer>> {
    return await this.#outputs(images, {
      width: this.network.classes,
      of: ({ logits }) => logits,
    });
  }

  /**
   * The features of images before the last layer, (count, featureSize).
   *
   * @param images As {@linkcode Classifier.predict} takes them.
   */
  async features(
    images: LabeledImages["images"],
  ): Promise<Float32Array<ArrayBuffer>> {
    return await this.#outputs(images, {
      width: this.network.featureSize,
      of: ({ features }) => features,
    });
  }

  /**
   * Adversarial images that an attack finds against the network's current values,
   * (count, height, width, C) in [0, 1]. For equal seeds and batch sizes, a run's
   * evaluation counts the same ones.
   *
   * @throws {TypeError} if the attack or the surrogate returns another shape than it
   * has to.
   * @throws {RangeError} if the attack leaves [0, 1].
   */
  async attack(
    examples: LabeledImages | Split,
    attack: Attack,
    { surrogate = crossEntropy }: AttackOptions = {},
  ): Promise<Float32Array<ArrayBuffer>> {
    const { network } = this;
    const seed = this.#seed;
    const images = await this.#batches.map(examples, {
      name: attack.name,
      width: imageBytes(this.shape),
      trace: (batch) =>
        attackInEval(attack, { network, batch, seed, surrogate }),
    });
    const what = `the images of ${attack.name}`;
    checkUnitRange(images, { what, shape: this.shape });
    return images;
  }

  /**
   * Runs AutoAttack, or those of its attacks that are named, each on the images that
   * those before it have not broken.
   *
   * @throws {TypeError} if the images have not this network's size.
   * @throws {RangeError} if a label is no class, or a number out of its range.
   */
  async autoAttack(
    examples: LabeledImages | Split,
    { norm, epsilon, ...options }: AutoAttackRequest,
  ): Promise<AutoAttackResult> {
    const threat = { linf, l2 }[norm](epsilon);
    return await runAutoAttack(this.#memory, {
      network: this.network,
      batchSize: this.#batchSize,
      seed: this.#seed,
      examples,
      source: this.#batches.of(examples),
      ensemble: autoAttack({ threat, ...options }),
    });
  }

  /**
   * The values of the tensors that the network's `call` names by `functional.inspect`,
   * for debugging: in a forward pass in eval mode, or in an attack and a forward pass on
   * what it found.
   *
   * @throws {RangeError} for more images than a batch has.
   * @throws {TypeError} if no tensor has a name.
   */
  async inspect(
    examples: LabeledImages | Split,
    { attack, surrogate = crossEntropy }: AttackOptions & {
      readonly attack?: Attack;
    } = {},
  ): Promise<
    ReadonlyMap<string, {
      readonly shape: readonly number[];
      readonly values: Float32Array | Uint32Array;
    }>
  > {
    const { network } = this;
    const [seed, batchSize] = [this.#seed, this.#batchSize];
    return await inspection(this.#memory, {
      examples,
      batches: this.#batches,
      batchSize,
      trace: (batch) => {
        const images = attack
          ? attackInEval(attack, { network, batch, seed, surrogate })
          : batch.x;
        network.call(images, "eval");
      },
    });
  }

  /** The fraction of images that are classified as labeled. */
  async accuracy(examples: LabeledImages | Split): Promise<number> {
    const hits = await this.#batches.map(examples, {
      name: "accuracy",
      width: 1,
      trace: ({ x, labels }) =>
        correct(this.network.call(x, "eval").logits, labels),
    });
    return hits.reduce((sum, hit) => sum + hit, 0) / hits.length;
  }

  /**
   * Writes the network's tensors to a safetensors file, under PyTorch's names and
   * in its layouts. The file is the old one or the new one, whole; without permission
   * to read its folder (`--allow-read`), it is written in place.
   */
  async save(path: string): Promise<void> {
    const materialized = this.#materialized;
    const values = await readValues(this.#memory, materialized);
    await writeFile(path, networkFile({ materialized, values }));
  }

  /**
   * Takes the network's tensors from a safetensors file, which
   * {@linkcode Classifier.save} or PyTorch wrote, from what `torch.save` wrote, or
   * from a run's checkpoint. Nothing in a file is run. Returns notes about what was
   * taken from a file with more in it than the network's tensors, one sentence each.
   *
   * @throws {UserError} listing missing, unexpected and wrongly shaped tensors.
   */
  async load(path: string): Promise<readonly string[]> {
    const materialized = this.#materialized;
    const memory = this.#memory;
    const { values, notes } = await readNetworkFile(path, materialized);
    writeValues(memory, { materialized, values });
    return notes;
  }

  /** Releases what the network has on the device. */
  dispose(): void {
    this.#onDevice?.memory.dispose();
    this.#onDevice = null;
  }

  /** As {@linkcode Classifier.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  get #memory(): Memory {
    return this.#live().memory;
  }

  get #batches(): ImageBatches {
    return this.#live().batches;
  }

  /** @throws {TypeError} if this has been disposed of. */
  #live() {
    if (this.#onDevice) return this.#onDevice;
    throw new TypeError(
      "Cannot use this classifier: expected it to be on a device but found " +
        "that it has been disposed of",
    );
  }

  /** One of the network's outputs for images, (count, width). */
  async #outputs(
    images: LabeledImages["images"],
    { width, of }: {
      readonly width: number;
      readonly of: (output: Output) => Tensor;
    },
  ): Promise<Float32Array<ArrayBuffer>> {
    const count = Math.ceil(images.length / imageBytes(this.shape));
    const labels = new Uint8Array(count);
    return await this.#batches.map({ images, labels }, {
      name: "prediction",
      width,
      trace: ({ x }) => of(this.network.call(x, "eval")),
    });
  }
}
