// A toy of each kind, described as any other is: what the test beside this adds to the
// lists, and trains and evaluates with.

import { choice, number, whole } from "../../src/base/fields.ts";
import { type Fraction, fractionValue } from "../../src/base/fraction.ts";
import type {
  DatasetConfig,
  DatasetKind,
} from "../../src/data/dataset_kind.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import {
  BALL,
  type BallConfig,
  checkBall,
  RADIUS,
  threatOf,
} from "../../src/methods/attacks/iteration.ts";
import type {
  AttackKind,
  MethodConfig,
  ObjectiveKind,
  RegularizerKind,
  RoundAttackKind,
} from "../../src/methods/kind.ts";
import { inRounds } from "../../src/methods/round_attack.ts";
import { linf } from "../../src/methods/threat_model.ts";
import { Conv2d, Linear } from "../../src/nn/layers.ts";
import { crossEntropy } from "../../src/nn/losses.ts";
import { Network, type Output } from "../../src/nn/network.ts";
import type { NetworkConfig, NetworkKind } from "../../src/nn/network_kind.ts";
import {
  addScalar,
  clamp,
  mulScalar,
  square,
} from "../../src/ops/pointwise.ts";
import { globalAveragePool } from "../../src/ops/reduce/pool.ts";
import { mean } from "../../src/ops/reduce/reduce.ts";

const IMAGE = { low: 0, high: 1 } as const;

/** An objective: weighted cross-entropy on adversarial images. */
export const TOY_OBJECTIVE: ObjectiveKind<
  MethodConfig<"toy-loss", { readonly scale: number }>
> = {
  method: "toy-loss",
  about: "scaled cross-entropy",
  fields: {
    scale: number({ above: 0, most: 10, about: "factor of the loss" }),
  },
  needs: { teacher: false, labels: true, attack: true },
  create: ({ scale }) => ({
    name: "toy-loss",
    surrogate: ({ adversarial, labels }) =>
      crossEntropy(adversarial.logits, labels),
    terms: ({ adversarial, labels }) => ({
      toy: mulScalar(mean(crossEntropy(adversarial.logits, labels)), scale),
    }),
  }),
};

/** A regularizer: small logits. */
export const TOY_REGULARIZER: RegularizerKind<
  MethodConfig<"toy-term", { readonly weight: number }>
> = {
  method: "toy-term",
  about: "small logits",
  fields: { weight: number({ least: 0, about: "factor of the term" }) },
  needs: { teacher: false, labels: false },
  create: ({ weight }) => ({
    name: "toy term",
    term: ({ adversarial: { logits } }) =>
      mulScalar(mean(square(logits)), weight),
  }),
};

/** An attack for training alone: a random image of the ball. */
export const TOY_TRAINING_ATTACK: AttackKind<
  MethodConfig<"toy-noise", { readonly epsilon: Fraction }>
> = {
  method: "toy-noise",
  about: "random noise",
  fields: { epsilon: RADIUS },
  needs: { labels: false },
  start: () => ({ text: "x + U(-epsilon, epsilon)", random: true }),
  create: ({ epsilon }) => ({
    name: "toy-noise",
    maximize: (_, { images, random }) =>
      clamp(linf(fractionValue(epsilon)).sample(images, random), IMAGE),
  }),
};

/** An attack that measures robustness: brighter images. */
export const TOY_ATTACK: AttackKind<
  MethodConfig<"toy-light", BallConfig & { readonly parts: number }>
> = {
  method: "toy-light",
  about: "brighter images",
  fields: { ...BALL, parts: whole({ least: 1, about: "parts of the radius" }) },
  needs: { labels: false },
  check: checkBall,
  start: () => ({ text: "x", random: false }),
  names: {
    "toy-light-PARTS": ({ ball }, parts) => ({
      method: "toy-light",
      ...ball,
      parts: parts!,
    }),
  },
  create: (config) => ({
    name: "toy-light",
    maximize: (_, { images }) =>
      clamp(addScalar(images, threatOf(config).epsilon / config.parts), IMAGE),
  }),
};

/** An attack in rounds: darker images. */
export const TOY_ROUND_ATTACK: RoundAttackKind<"toy-dark"> = {
  method: "toy-dark",
  about: "darker images",
  targeted: false,
  create: ({ epsilon }) =>
    inRounds({
      name: "toy-dark",
      rounds: 1,
      passes: () => 1,
      leastClasses: 2,
      round: () => ({
        begin: ({ images }) => ({
          images: clamp(addScalar(images, -epsilon), IMAGE),
        }),
      }),
    }),
};

/** A convolution, an average and a linear layer. */
class ToyNetwork extends Network {
  readonly classes: number;
  readonly featureSize: number;
  readonly conv: Conv2d;
  readonly linear: Linear;

  constructor({ classes, width }: {
    readonly classes: number;
    readonly width: number;
  }) {
    super();
    this.classes = classes;
    this.featureSize = width;
    this.conv = new Conv2d([3, width], { kernelSize: 3 });
    this.linear = new Linear([width, classes]);
  }

  override call(x: Tensor): Output {
    const features = globalAveragePool(this.conv.call(x));
    return { logits: this.linear.call(features), features };
  }
}

/** A network of two layers. */
export const TOY_NETWORK: NetworkKind<
  NetworkConfig<"toy-net", { readonly width: number }>
> = {
  network: "toy-net",
  about: "a convolution and a linear layer",
  fields: { width: whole({ least: 1, most: 8, about: "channels" }) },
  names: {
    "toy-net-WIDTH": (width) => ({ network: "toy-net", width: width! }),
  },
  examples: ["toy-net-2"],
  create: (options) => new ToyNetwork(options),
};

/** A data set: dark and bright images, one color each. */
export const TOY_DATASET: DatasetKind<
  DatasetConfig<"toy-images", { readonly side: 4 | 8 }>
> = {
  dataset: "toy-images",
  about: "dark and bright images",
  fields: { side: choice([4, 8], { about: "rows and columns" }) },
  named: { dataset: "toy-images", side: 4 },
  downloads: false,
  extent: ({ side }) => ({
    shape: { channels: 3, height: side, width: side },
    classes: 2,
    train: 12,
    test: 4,
  }),
  load({ side }) {
    const split = (count: number) => ({
      images: Uint8Array.from(
        { length: count * 3 * side ** 2 },
        (_, i) => 64 + 128 * (Math.floor(i / (3 * side ** 2)) % 2),
      ),
      labels: Uint8Array.from({ length: count }, (_, i) => i % 2),
      count,
    });
    return {
      name: "toy-images",
      title: "Toy images",
      classNames: ["dark", "bright"],
      shape: { channels: 3, height: side, width: side },
      train: split(12),
      test: split(4),
      notes: [],
    };
  },
};
