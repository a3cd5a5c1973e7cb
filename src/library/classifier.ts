// A network on a device, for programs that train and attack it in memory: arrays
// go in and arrays come out, and nothing is written unless it is asked for. The
// runs of the command line keep logs, checkpoints and cards (`trainer.ts`); both
// train by the same sessions, and both attack as `evaluation.ts` does.

import type { Attack } from "../methods/attack.ts";
import { autoAttack } from "../methods/attacks/auto_attack.ts";
import { l2, linf } from "../methods/threat_model.ts";
import { imageBytes, type ImageShape, type Split } from "../data/dataset.ts";
import type { LabeledImages } from "../data/float_images.ts";
import { runAutoAttack } from "./auto_attack_run.ts";
import type { FitOptions } from "./fit_options.ts";
import type { Device } from "../gpu/device.ts";
import { Memory } from "../gpu/memory.ts";
import type { Tensor, Variable } from "../graph/tensor.ts";
import { ImageBatches } from "./image_batches.ts";
import { readNetworkFile, writeNetworkFile } from "../weights/network_file.ts";
import type { NetworkValues } from "../weights/network_tensors.ts";
import { crossEntropy } from "../nn/losses.ts";
import { initialValues, materialize, type Materialized } from "../nn/module.ts";
import type { Network, Output } from "../nn/network.ts";
import { correct } from "../ops/loss/margin.ts";
import { runningMeans } from "../trainer/running_means.ts";
import { fitSession } from "./fit_session.ts";
import { trainingSplit } from "./training_split.ts";

/** What a {@linkcode Classifier} is made of. */
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

/** What to maximize in an attack. */
export interface AttackOptions {
  /**
   * Logits (N, classes) and class indices u32 (N) to one number per image, (N);
   * cross-entropy if left out.
   */
  readonly surrogate?: (logits: Tensor, labels: Tensor) => Tensor;
}

/** Steps after which the host waits for the device, lest it run far ahead. */
const WAIT_EVERY = 16;

/** A network on a device. Dispose of it with `using` or {@linkcode Classifier.dispose}. */
export class Classifier {
  /** The network itself. */
  readonly network: Network;
  /** The extent of the images that it takes. */
  readonly shape: ImageShape;
  readonly #seed: number;
  readonly #memory: Memory;
  readonly #placed: Materialized<Network>;
  readonly #batches: ImageBatches;
  readonly #batchSize: number;

  /** Puts a network on a device, at the starting values that the seed decides. */
  constructor(device: Device, options: ClassifierOptions) {
    const { network, seed = 0, batchSize: size = 128 } = options;
    const { classes, featureSize } = network;
    const widest = Math.max(classes, featureSize);
    const { height, width } = options;
    const shape = { channels: 3, height, width } as const;
    this.network = network;
    this.shape = shape;
    this.#seed = seed;
    this.#batchSize = size;
    this.#memory = new Memory(device);
    // Under the name that it has in runs, from which the same values follow.
    this.#placed = materialize(network, "student");
    this.#batches = new ImageBatches(this.#memory, {
      shape,
      classes,
      widest,
      size,
    });
    for (const flat of this.#variables) {
      this.#memory.write(flat, initialValues(this.#placed, { flat, seed }));
    }
  }

  /**
   * Trains the network from the values that it has now. The optimizer starts anew
   * with every call.
   *
   * @param examples Bytes: arrays of one's own, or a split of a data set.
   * @throws {TypeError} if the images have not this network's size.
   * @throws {RangeError} if a label is no class, or a number out of its range.
   */
  async fit(
    examples: LabeledImages | Split,
    options: FitOptions,
  ): Promise<void> {
    const { shape } = this;
    await using session = await fitSession(this.#memory.device, {
      placed: this.#placed,
      split: trainingSplit(examples, { shape, classes: this.network.classes }),
      shape,
      seed: this.#seed,
      options,
    });
    await this.#copy(this.#memory, session.memory);
    const { epochs, onEpoch } = options;
    const { stepsPerEpoch } = session;
    for (let step = 1; step <= epochs * stepsPerEpoch; step++) {
      session.runStep(step - 1);
      if (step % stepsPerEpoch === 0) {
        const sums = await session.sums();
        const means = runningMeans(sums, session.imagesInEpoch(step));
        onEpoch?.(means, step / stepsPerEpoch);
      } else if (step % WAIT_EVERY === 0) await session.sums();
    }
    await this.#copy(session.memory, this.#memory);
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
   * Adversarial images, (count, height, width, 3) from 0 to 1: those that an attack
   * finds against this network as it is now. For equal seeds and batch sizes they
   * are those that a run's evaluation counts.
   */
  async attack(
    examples: LabeledImages | Split,
    attack: Attack,
    { surrogate = crossEntropy }: AttackOptions = {},
  ): Promise<Float32Array<ArrayBuffer>> {
    const logits = (images: Tensor) => this.network.call(images, "eval").logits;
    return await this.#batches.map(examples, {
      name: attack.name,
      width: imageBytes(this.shape),
      trace: ({ x, labels, step }) =>
        attack.maximize((images) => surrogate(logits(images), labels), {
          images: x,
          labels,
          logits,
          random: { seed: this.#seed, stream: "evaluation", step },
        }),
    });
  }

  /**
   * Runs AutoAttack, or those of its attacks that are named, each on the images that
   * those before it have not broken. `attacks.autoAttack` says what else can be set.
   *
   * @returns `brokenBy`: for every image the attack that broke it, "clean" where none
   * was needed, null where none did; `images`: the adversarial images there, else the
   * clean ones, (count, height, width, 3); `stages`: how many are right at first and
   * after each attack; `warnings`: what speaks against the result, a sentence each.
   */
  async autoAttack(
    examples: LabeledImages | Split,
    attack: {
      readonly norm: "linf" | "l2";
      /** The radius of the ball, for images in [0, 1]. */
      readonly epsilon: number;
      readonly version?: "standard" | "plus" | "rand";
      readonly attacks?: readonly (
        "apgd-ce" | "apgd-dlr" | "apgd-t" | "fab" | "fab-t" | "square"
      )[];
      readonly steps?: number;
      readonly restarts?: number;
      readonly targets?: number;
      readonly queries?: number;
      readonly samples?: number;
    },
  ): Promise<{
    readonly brokenBy: readonly (string | null)[];
    readonly images: Float32Array<ArrayBuffer>;
    readonly stages: readonly {
      readonly name: string;
      readonly correct: number;
      readonly count: number;
    }[];
    readonly warnings: readonly string[];
  }> {
    this.#batches.check(examples);
    const { norm, epsilon, ...options } = attack;
    const threat = { linf, l2 }[norm](epsilon);
    return await runAutoAttack(this.#memory, {
      network: this.network,
      shape: this.shape,
      batchSize: this.#batchSize,
      seed: this.#seed,
      examples,
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
    const { parameters, buffers } = this.#placed;
    const read = async (flat: Variable) =>
      new Float32Array((await this.#memory.read([flat]))[0]!);
    const values: NetworkValues = {
      parameters: await read(parameters),
      buffers: buffers && await read(buffers),
    };
    await writeNetworkFile(path, { placed: this.#placed, values });
  }

  /**
   * Takes the network's tensors from a safetensors file, which
   * {@linkcode Classifier.save} or PyTorch wrote, from what `torch.save` wrote, or
   * from a run's checkpoint. Nothing in a file is run.
   *
   * @throws {TypeError} listing missing, unexpected and wrongly shaped tensors.
   */
  async load(path: string): Promise<void> {
    const values = await readNetworkFile(path, this.#placed);
    const { parameters, buffers } = this.#placed;
    this.#memory.write(parameters, values.parameters);
    if (buffers) this.#memory.write(buffers, values.buffers!);
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

  /** The flat variables that hold the network. */
  get #variables(): readonly Variable[] {
    const { parameters, buffers } = this.#placed;
    return buffers ? [parameters, buffers] : [parameters];
  }

  async #copy(from: Memory, to: Memory): Promise<void> {
    const contents = await from.read(this.#variables);
    this.#variables.forEach((flat, i) => to.write(flat, contents[i]!));
  }
}
