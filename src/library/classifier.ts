// A network on a device, for programs that train and attack it in memory. Inputs and
// results are arrays, and no file is written but by `save`. The runs of the command line
// use the same code for training and attacks, and add logs, checkpoints and cards.

import type { Attack } from "../methods/attack.ts";
import { autoAttack } from "../methods/attacks/auto_attack.ts";
import { l2, linf } from "../methods/threat_model.ts";
import { imageBytes, type ImageShape, type Split } from "../data/dataset.ts";
import type { LabeledImages } from "../data/float_images.ts";
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
import { readNetworkFile, writeNetworkFile } from "../weights/network_file.ts";
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
import { fit } from "./fit.ts";
import { trainingSplit } from "./training_split.ts";

/** Options of a {@linkcode Classifier}. */
export interface ClassifierOptions {
  /** One of `nn`, or the caller's own. A network belongs to one classifier. */
  readonly network: Network;
  /** Pixels from top to bottom of an image. */
  readonly height: number;
  /** Pixels from left to right. */
  readonly width: number;
  /** Decides starting values and the random numbers of attacks; 0 if left out. */
  readonly seed?: number;
  /** Images that are classified or attacked at once; 128 if left out. */
  readonly batchSize?: number;
}

/** Options of {@linkcode Classifier.attack}. */
export interface AttackOptions {
  /**
   * Logits (N, classes) and class indices u32 (N) to one number per image, (N);
   * cross-entropy if left out.
   */
  readonly surrogate?: (logits: Tensor, labels: Tensor) => Tensor;
}

/** A network on a device. Dispose of it with `using` or {@linkcode Classifier.dispose}. */
export class Classifier {
  /** The network itself. */
  readonly network: Network;
  /** The extent of the images that it takes. */
  readonly shape: ImageShape;
  readonly #seed: number;
  readonly #memory: Memory;
  readonly #materialized: Materialized<Network>;
  readonly #batches: ImageBatches;
  readonly #batchSize: number;

  /** Puts a network on a device, at the starting values that the seed decides. */
  constructor(device: Device, options: ClassifierOptions) {
    const { network, height, width, seed = 0, batchSize = 128 } = options;
    const { classes, featureSize } = network;
    const widest = Math.max(classes, featureSize);
    const shape = { channels: 3, height, width } as const;
    this.network = network;
    this.shape = shape;
    this.#seed = seed;
    this.#batchSize = batchSize;
    this.#memory = new Memory(device);
    // Starting values depend on the name: this is the one in runs.
    this.#materialized = materialize(network, "student");
    this.#batches = new ImageBatches(this.#memory, {
      shape,
      classes,
      widest,
      batchSize,
    });
    writeInitialValues(this.#memory, {
      materialized: this.#materialized,
      seed,
    });
  }

  /**
   * Trains the network from its current values. Every call starts with a new optimizer.
   *
   * @param examples Bytes: arrays of one's own, or a split of a data set.
   * @throws {TypeError} if the images have not this network's size.
   * @throws {RangeError} if a label is no class, or a number out of its range.
   */
  async fit(
    examples: LabeledImages | Split,
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
   * @param images (count, height, width, 3): bytes, or numbers from 0 to 1.
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
   * Adversarial images that an attack finds against this network as it is now,
   * (count, height, width, 3) in [0, 1]. For equal seeds and batch sizes, a run's
   * evaluation counts the same ones.
   */
  async attack(
    examples: LabeledImages | Split,
    attack: Attack,
    { surrogate = crossEntropy }: AttackOptions = {},
  ): Promise<Float32Array<ArrayBuffer>> {
    const { network } = this;
    const seed = this.#seed;
    return await this.#batches.map(examples, {
      name: attack.name,
      width: imageBytes(this.shape),
      trace: (batch) =>
        attackInEval(attack, { network, batch, seed, surrogate }),
    });
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
   * in its layouts.
   */
  async save(path: string): Promise<void> {
    const materialized = this.#materialized;
    const values = await readValues(this.#memory, materialized);
    await writeNetworkFile(path, { materialized, values });
  }

  /**
   * Takes the network's tensors from a safetensors file, which
   * {@linkcode Classifier.save} or PyTorch wrote, from what `torch.save` wrote, or
   * from a run's checkpoint. Nothing in a file is run.
   *
   * @throws {UserError} listing missing, unexpected and wrongly shaped tensors.
   */
  async load(path: string): Promise<void> {
    const materialized = this.#materialized;
    const values = await readNetworkFile(path, materialized);
    writeValues(this.#memory, { materialized, values });
  }

  /** Releases what the network has on the device. */
  dispose(): void {
    this.#memory.dispose();
  }

  /** As {@linkcode Classifier.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
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
