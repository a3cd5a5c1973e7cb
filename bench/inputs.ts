// What every contender computes on: equal sizes and equal numbers, as plain arrays
// that need no device. Ours and its peers read them from here, so that their
// answers can be compared and not only their times.

import { uniform, words } from "../src/base/random_sequence.ts";
import { initialValues, materialize } from "../src/nn/module.ts";
import type { Network } from "../src/nn/network.ts";
import { resnet8 } from "../src/nn/resnet.ts";
import { type Shape, sizeOf } from "../src/graph/tensor.ts";

const SEED = 1;

/** A convolution of x (N, H, H, C) with K square filters of size R. */
export interface Convolution {
  readonly N: number;
  readonly H: number;
  readonly C: number;
  readonly K: number;
  readonly R: number;
  readonly stride: number;
  readonly padding: number;
}

/** A product of matrices of 1024 x 1024, as a convolution of 32 x 32 pixels. */
export const W1: Convolution = {
  N: 1,
  H: 32,
  C: 1024,
  K: 1024,
  R: 1,
  stride: 1,
  padding: 0,
};

/** A convolution of a first stage: large images, few channels. */
export const W2: Convolution = {
  N: 32,
  H: 32,
  C: 64,
  K: 64,
  R: 3,
  stride: 1,
  padding: 1,
};

/** A convolution of a third stage, with as much arithmetic. */
export const W2B: Convolution = {
  N: 32,
  H: 8,
  C: 256,
  K: 256,
  R: 3,
  stride: 1,
  padding: 1,
};

/** Height and width of the output. */
export function outputSide(
  { H, R, stride, padding }: Omit<Convolution, "N" | "C" | "K">,
): number {
  return Math.floor((H + 2 * padding - R) / stride) + 1;
}

/** Floating-point operations of a convolution, or of either gradient. */
export function flopsOf(sizes: Convolution): number {
  const { N, C, K, R } = sizes;
  return 2 * N * outputSide(sizes) ** 2 * K * R * R * C;
}

/** Operands of a convolution and of its gradients, uniform in [-1, 1). */
export interface Operands {
  /** (N, H, H, C). */
  readonly x: Float32Array<ArrayBuffer>;
  /** (R, R, C, K). */
  readonly w: Float32Array<ArrayBuffer>;
  /** As the output: (N, P, P, K). */
  readonly dy: Float32Array<ArrayBuffer>;
}

/** The operands of a convolution. */
export function operandsOf(sizes: Convolution): Operands {
  const { N, H, C, K, R } = sizes;
  const side = outputSide(sizes);
  return {
    x: signed("x", N * H * H * C),
    w: signed("w", R * R * C * K),
    dy: signed("dy", N * side * side * K),
  };
}

function signed(stream: string, count: number): Float32Array<ArrayBuffer> {
  return uniform({ seed: SEED, stream, step: 0 }, count).map((u) => 2 * u - 1);
}

/** One step of training: plain descent with momentum on cross-entropy. */
export const STEP = {
  seed: SEED,
  batch: 64,
  side: 32,
  classes: 10,
  width: 16,
  learningRate: 0.01,
  momentum: 0.9,
  weightDecay: 5e-4,
} as const;

/** PGD from the clean images, with the usual budget. */
export const ATTACK = {
  steps: 10,
  epsilon: "8/255",
  stepSize: "2/255",
} as const;

/** A tensor on the host. */
export interface HostTensor {
  readonly shape: Shape;
  readonly values: Float32Array<ArrayBuffer>;
}

/** A batch of random images and what the network of {@linkcode STEP} starts from. */
export interface NetworkInputs {
  /** Bytes (batch, 3, side, side), as data sets have them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same images (batch, side, side, 3) in [0, 1]. */
  readonly images: Float32Array<ArrayBuffer>;
  readonly labels: Uint8Array<ArrayBuffer>;
  /** Weights (R, S, C, K) and (in, out), biases and running statistics, by name. */
  readonly state: ReadonlyMap<string, HostTensor>;
}

/** The network of {@linkcode STEP}. */
export function network(): Network {
  return resnet8({ classes: STEP.classes, width: STEP.width });
}

/** The batch and the state that every contender starts from. */
export function networkInputs(): NetworkInputs {
  const { batch, side, classes, seed } = STEP;
  const pixels = side * side;
  const random = { seed, step: 0 };
  const bytes = new Uint8Array(
    words({ ...random, stream: "images" }, batch * 3 * pixels / 4).buffer,
  );
  const images = new Float32Array(bytes.length);
  bytes.forEach((byte, i) => {
    const [plane, pixel] = [Math.floor(i / pixels), i % pixels];
    const [image, channel] = [Math.floor(plane / 3), plane % 3];
    images[(image * pixels + pixel) * 3 + channel] = byte / 255;
  });
  const labels = Uint8Array.from(
    uniform({ ...random, stream: "labels" }, batch),
    (u) => Math.floor(classes * u),
  );
  return { bytes, images, labels, state: initialState() };
}

function initialState(): Map<string, HostTensor> {
  const materialized = materialize(network(), "student");
  const flats = new Map(
    [materialized.parameters, materialized.buffers].map((flat) => [
      flat!,
      initialValues(materialized, { flat: flat!, seed: STEP.seed }),
    ]),
  );
  return new Map(
    [...materialized.named].map(([name, variable]) => {
      const { root, byteOffset, shape } = variable;
      const start = byteOffset / 4;
      const values = flats.get(root)!.slice(start, start + sizeOf(shape));
      return [name, { shape, values }];
    }),
  );
}
