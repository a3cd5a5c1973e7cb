// The distributions of starting values. Every parameter has its own random stream, named
// after it, so that adding a layer does not change others.

import { type Shape, sizeOf } from "../graph/tensor.ts";
import { normal, uniform } from "../base/random_sequence.ts";

/** Values of a parameter of the given shape, for one seed and stream. */
export type Initializer = (
  shape: Shape,
  random: { readonly seed: number; readonly stream: string },
) => Float32Array;

/** The same value everywhere. */
export function constant(value: number): Initializer {
  return (shape) => new Float32Array(sizeOf(shape)).fill(value);
}

/** Given values, such as the mean of a dataset's channels. */
export function values(given: readonly number[]): Initializer {
  return () => Float32Array.from(given);
}

/** U(-b, b) with b = 1 / sqrt(fan in): PyTorch's default for layers and biases. */
export function fanInUniform(fanIn: number): Initializer {
  const bound = 1 / Math.sqrt(fanIn);
  return (shape, random) =>
    uniform({ ...random, step: 0 }, sizeOf(shape)).map((u) =>
      bound * (2 * u - 1)
    );
}

/** N(0, 2 / fan out), after He et al. (2015): the start of WideResNets. */
export function fanOutNormal(fanOut: number): Initializer {
  const deviation = Math.sqrt(2 / fanOut);
  return (shape, random) =>
    normal({ ...random, step: 0 }, sizeOf(shape)).map((z) => deviation * z);
}
