// A linear classifier of tiny images, whose distance to misclassification is known
// exactly: an image of class y becomes class j when it has moved by
//
//   (z_y - z_j) / |w_y - w_j|_*
//
// where the norm is the 1-norm for the ball of the maximum norm, and the Euclidean
// norm for the Euclidean ball. Images stay away from 0 and 1 by more than any ball
// here, so that the range of images never matters.

import type { Attack } from "../../src/methods/attack.ts";
import type { Norm } from "../../src/methods/threat_model.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { values } from "../../src/nn/initializers.ts";
import { crossEntropy } from "../../src/nn/losses.ts";
import { Parameter } from "../../src/nn/module.ts";
import { Network, type Output } from "../../src/nn/network.ts";
import { correct } from "../../src/ops/loss/margin.ts";
import { add, multiply } from "../../src/ops/pointwise.ts";
import { insertAxis, sum } from "../../src/ops/reduce/reduce.ts";
import * as sequence from "../../src/base/random_sequence.ts";
import { runOnDevice, u32Scalar } from "./run_on_device.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Logits that are linear in the pixels. */
export class LinearClassifier extends Network {
  readonly classes: number;
  readonly featureSize: number;
  /** Rows, columns and channels of an image. */
  readonly extent: readonly [number, number, number];
  readonly weight: Parameter;
  readonly bias: Parameter;
  /** The weights of each class, one after the other. */
  readonly values: Floats;

  constructor(classes: number, side = 4) {
    super();
    this.extent = [side, side, 3];
    this.featureSize = 3 * side * side;
    const draw = (stream: string, count: number) =>
      sequence.uniform({ seed: 5, stream, step: classes }, count)
        .map((u) => 2 * u - 1);
    this.classes = classes;
    this.values = draw("weight", classes * this.featureSize);
    const weights = values([...this.values]);
    this.weight = new Parameter(
      "weight",
      [1, classes, ...this.extent],
      weights,
    );
    this.bias = new Parameter(
      "bias",
      [classes],
      values(Array(classes).fill(0)),
    );
  }

  call(x: Tensor): Output {
    const products = multiply(insertAxis(x, 1), this.weight);
    return { logits: add(sum(products, { start: 2 }), this.bias), features: x };
  }

  /** The logits of one image, in double precision. */
  logits(image: Floats): number[] {
    return Array.from(
      { length: this.classes },
      (_, c) =>
        image.reduce(
          (z, x, i) => z + x * this.values[c * image.length + i]!,
          0,
        ),
    );
  }

  /** How far an image of a class may move and stay in it, whichever way. */
  radius(image: Floats, label: number, norm: Norm): number {
    const z = this.logits(image);
    const distances = z.map((other, c) => {
      if (c === label) return Infinity;
      const apart = Array.from(
        { length: image.length },
        (_, i) =>
          this.values[label * image.length + i]! -
          this.values[c * image.length + i]!,
      );
      const length = norm === "linf"
        ? apart.reduce((sum, d) => sum + Math.abs(d), 0)
        : Math.hypot(...apart);
      return (z[label]! - other) / length;
    });
    return Math.min(...distances);
  }
}

/** Images with the classes that a classifier gives them. */
export interface LinearExamples {
  readonly images: Floats;
  readonly labels: Uint32Array<ArrayBuffer>;
  /** The distance to misclassification of each. */
  readonly radii: readonly number[];
}

/** Images in [0.3, 0.7], labeled as the classifier says. */
export function linearExamples(
  network: LinearClassifier,
  { count, norm }: { readonly count: number; readonly norm: Norm },
): LinearExamples {
  const size = network.featureSize;
  const images = sequence.uniform(
    { seed: 6, stream: "images", step: 0 },
    count * size,
  ).map((u) => 0.3 + 0.4 * u);
  const each = Array.from(
    { length: count },
    (_, n) => images.slice(n * size, (n + 1) * size),
  );
  const labels = Uint32Array.from(each, (image) => {
    const z = network.logits(image);
    return z.indexOf(Math.max(...z));
  });
  const radii = each.map((image, n) => network.radius(image, labels[n]!, norm));
  return { images, labels, radii };
}

/**
 * Images of class 0 of a network of two classes, as far from class 1 as `radius`, each
 * in its own place; the weights are scaled so that their logits are `apart`.
 */
export function linearExamplesAt(
  network: LinearClassifier,
  { count, norm, radius, apart }: {
    readonly count: number;
    readonly norm: Norm;
    readonly radius: number;
    readonly apart: number;
  },
): LinearExamples {
  const size = network.featureSize;
  const { values } = network;
  const difference = () =>
    Float64Array.from(
      { length: size },
      (_, i) => values[i]! - values[size + i]!,
    );
  const total = (terms: Float64Array) => terms.reduce((sum, x) => sum + x, 0);
  const before = difference();
  const slope = norm === "linf"
    ? total(before.map(Math.abs))
    : Math.sqrt(total(before.map((w) => w * w)));
  values.forEach((w, i) => values[i] = w * apart / (radius * slope));
  const w = difference();
  const { images } = linearExamples(network, { count, norm });
  for (let n = 0; n < count; n++) {
    const image = images.subarray(n * size, (n + 1) * size);
    // A second time for what rounding to 32 bits has left.
    for (let turn = 0; turn < 2; turn++) {
      const missing = apart - total(w.map((w, i) => w * image[i]!));
      const rate = missing / total(w.map((w) => w * w));
      image.forEach((x, i) => image[i] = x + rate * w[i]!);
    }
  }
  const radii = Array.from({ length: count }, () => radius);
  return { images, labels: new Uint32Array(count), radii };
}

/** What an attack on the cross-entropy finds, and whether it is classified correctly. */
export async function attackLinearClassifier(
  attack: Attack,
  network: LinearClassifier,
  { images, labels }: Pick<LinearExamples, "images" | "labels">,
  seed = 1,
): Promise<{ readonly images: Floats; readonly correct: Floats }> {
  const x = new Variable("x", [labels.length, ...network.extent]);
  const y = new Variable("y", [labels.length], "u32");
  const [step, zero] = u32Scalar("step", 0);
  const [found, right] = await runOnDevice([
    [x, images],
    [y, labels],
    [step, zero],
    [network.weight, network.values],
  ], (graph) => {
    const logits = (images: Tensor) => network.call(images).logits;
    const found = attack.maximize(
      (images) => crossEntropy(logits(images), y),
      {
        images: graph.read(x),
        labels: graph.read(y),
        logits,
        random: { seed, stream: "attack", step: graph.read(step) },
      },
    );
    return [found, correct(logits(found), y)];
  });
  return {
    images: new Float32Array(found!),
    correct: new Float32Array(right!),
  };
}

/** The length of the perturbation of each image. */
export function distances(
  found: Floats,
  { images, labels }: Pick<LinearExamples, "images" | "labels">,
  norm: Norm,
): number[] {
  const size = images.length / labels.length;
  return Array.from(labels, (_, n) => {
    const moved = found.slice(n * size, (n + 1) * size)
      .map((x, i) => x - images[n * size + i]!);
    return norm === "linf"
      ? moved.reduce((most, d) => Math.max(most, Math.abs(d)), 0)
      : Math.hypot(...moved);
  });
}
