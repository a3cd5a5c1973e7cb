// Random numbers, batches and updates of state on float64. Draws come from the
// host's generator, which is tested against published answers.

import { sizeOf } from "../../../src/graph/tensor.ts";
import type { BatchIndicesParams } from "../../../src/ops/batch_indices.ts";
import type { GatherParams } from "../../../src/ops/gather_augment.ts";
import type { AccumulateParams } from "../../../src/ops/metrics.ts";
import type { AscentParams } from "../../../src/ops/attack/perturb.ts";
import type {
  NormalParams,
  UniformParams,
} from "../../../src/ops/random/random.ts";
import type { AdamWParams } from "../../../src/ops/adamw.ts";
import type { SgdParams } from "../../../src/ops/sgd.ts";
import { multiplyHigh } from "../../../src/base/philox.ts";
import * as sequence from "../../../src/base/random_sequence.ts";
import type { Reference, Value } from "../reference.ts";

function addressOf(
  [step, substep]: readonly Value[],
  { seed, stream }: { readonly seed: number; readonly stream: string },
): sequence.Address {
  return {
    seed,
    stream,
    step: step?.data[0] ?? 0,
    substep: substep?.data[0] ?? 0,
  };
}

export const uniform: Reference = (address, params: UniformParams) => {
  const { shape, low, high } = params;
  const u = sequence.uniform(addressOf(address, params), sizeOf(shape));
  return [Float64Array.from(u, (x) => low + (high - low) * x)];
};

export const normal: Reference = (address, params: NormalParams) => {
  const { shape, scale } = params;
  const z = sequence.normal(addressOf(address, params), sizeOf(shape));
  return [Float64Array.from(z, (x) => scale * x)];
};

/** Byte `index` of numbers that hold four bytes each, the first in the lowest bits. */
function byteAt(words: Float64Array, index: number): number {
  return (words[Math.floor(index / 4)]! >>> (8 * (index % 4))) & 255;
}

/** The number whose bits are a word. */
function floatOf(word: number): number {
  return new Float32Array(Uint32Array.of(word).buffer)[0]!;
}

export const gatherAugment: Reference = (
  [images, labels, order, position, ...address],
  params: GatherParams,
) => {
  const { batch, height: H, width: W, channels: C, floats } = params;
  const { padding, flip, cutout } = params;
  const words = sequence.words(addressOf(address, params), 4 * batch);
  const x = new Float64Array(batch * H * W * C);
  const y = new Float64Array(batch);
  for (let n = 0; n < batch; n++) {
    const last = order!.data.length - 1;
    const image = order!.data[Math.min(position!.data[0]! + n, last)]!;
    y[n] = labels!.data[image]!;
    const top = multiplyHigh(words[4 * n]!, 2 * padding + 1) - padding;
    const left = multiplyHigh(words[4 * n + 1]!, 2 * padding + 1) - padding;
    const mirrored = flip && words[4 * n + 2]! >= 2 ** 31;
    const middle = multiplyHigh(words[4 * n + 3]!, H);
    const center = multiplyHigh((words[4 * n + 2]! % 2 ** 31) * 2, W);
    const half = Math.floor(cutout / 2);
    const erases = (h: number, w: number) =>
      [h - middle, w - center].every((d) => d >= -half && d < cutout - half);
    for (let h = 0; h < H; h++) {
      for (let w = 0; w < W; w++) {
        if (erases(h, w)) continue;
        const row = top + h;
        const column = left + (mirrored ? W - 1 - w : w);
        if (row < 0 || row >= H || column < 0 || column >= W) continue;
        for (let c = 0; c < C; c++) {
          const place = ((image * C + c) * H + row) * W + column;
          x[((n * H + h) * W + w) * C + c] = floats
            ? floatOf(images!.data[place]!)
            : byteAt(images!.data, place) / 255;
        }
      }
    }
  }
  return [x, y];
};

export const batchIndices: Reference = (
  [order, position],
  { batch }: BatchIndicesParams,
) => {
  const last = order!.data.length - 1;
  return [
    Float64Array.from(
      { length: batch },
      (_, n) => order!.data[Math.min(position!.data[0]! + n, last)]!,
    ),
  ];
};

function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

export const ascendLinf: Reference = (
  [adversarial, clean, gradient],
  { epsilon, stepSize }: AscentParams,
) => {
  adversarial!.data.forEach((old, i) => {
    const x = clean!.data[i]!;
    const moved = old + stepSize * Math.sign(gradient!.data[i]!);
    const difference = clamp(moved - x, -epsilon, epsilon);
    adversarial!.data[i] = clamp(x + difference, 0, 1);
  });
  return [];
};

export const ascendL2: Reference = (
  [adversarial, clean, gradient],
  { epsilon, stepSize }: AscentParams,
) => {
  const size = sizeOf(clean!.shape.slice(1));
  for (let first = 0; first < clean!.data.length; first += size) {
    const image = (value: Value) => value.data.subarray(first, first + size);
    const x = image(clean!);
    const g = image(gradient!);
    const slope = Math.hypot(...g);
    const rate = slope === 0 ? 0 : stepSize / slope;
    const d = image(adversarial!).map((old, i) => old + rate * g[i]! - x[i]!);
    const distance = Math.hypot(...d);
    const shrink = distance > epsilon ? epsilon / distance : 1;
    adversarial!.data.set(
      d.map((d, i) => clamp(x[i]! + shrink * d, 0, 1)),
      first,
    );
  }
  return [];
};

export const sgd: Reference = (
  [parameters, gradients, velocity, learningRate],
  { momentum, nesterov, weightDecay, lossScale = 1 }: SgdParams,
) => {
  parameters!.data.forEach((w, i) => {
    const g = gradients!.data[i]! / lossScale + weightDecay * w;
    const v = momentum * velocity!.data[i]! + g;
    velocity!.data[i] = v;
    const direction = nesterov ? g + momentum * v : v;
    parameters!.data[i] = w - learningRate!.data[0]! * direction;
  });
  return [];
};

export const adamw: Reference = (
  [parameters, gradients, moments, squares, learningRate, first, second],
  { beta1, beta2, epsilon, weightDecay, lossScale = 1 }: AdamWParams,
) => {
  const [rate] = learningRate!.data;
  parameters!.data.forEach((w, i) => {
    const g = gradients!.data[i]! / lossScale;
    const m = beta1 * moments!.data[i]! + (1 - beta1) * g;
    const v = beta2 * squares!.data[i]! + (1 - beta2) * g * g;
    moments!.data[i] = m;
    squares!.data[i] = v;
    const root = Math.sqrt(v / second!.data[0]!) + epsilon;
    parameters!.data[i] = w * (1 - rate! * weightDecay) -
      rate! * m / first!.data[0]! / root;
  });
  return [];
};

export const lerp: Reference = ([average, newest, weight]) => {
  average!.data.forEach((old, i) => {
    average!.data[i] = old + weight!.data[0]! * (newest!.data[i]! - old);
  });
  return [];
};

export const accumulate: Reference = (
  [metrics, value],
  { slot }: AccumulateParams,
) => {
  metrics!.data[slot]! += value!.data.reduce((sum, x) => sum + x, 0);
  return [];
};

export const increment: Reference = ([counter]) => {
  counter!.data[0] = (counter!.data[0]! + 1) % 2 ** 32;
  return [];
};
