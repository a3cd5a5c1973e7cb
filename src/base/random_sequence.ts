// Typed random sequences, each a pure function of its address (seed, stream,
// step, substep). Element i of a sequence comes from lane i & 3 of the Philox
// block i >> 2, so any element can be computed alone and a longer sequence
// begins with the shorter one. The same definitions stand in
// src/wgsl/philox.wgsl; integers and uniforms agree there to the bit, normals
// to the rounding of the logarithm and the cosine.

import {
  fillPhilox,
  multiplyHigh,
  requireUint32,
  streamKey,
} from "./philox.ts";

/** Where a sequence of random numbers belongs: equal address, equal numbers. */
export interface Address {
  /** The run's one integer, 0 to 4,294,967,295. */
  readonly seed: number;
  /** The purpose of the numbers, for instance "shuffle" or "init/conv1". */
  readonly stream: string;
  /** The training step, the epoch or the image, 0 to 4,294,967,295. */
  readonly step: number;
  /** A place inside the step, such as an attack's iteration; 0 if left out. */
  readonly substep?: number;
}

/**
 * Uniform 32-bit words.
 *
 * @throws RangeError when the seed, step or substep is not a 32-bit unsigned
 * integer or the count not a whole number
 */
export function words(
  address: Address,
  count: number,
): Uint32Array<ArrayBuffer> {
  const { seed, stream, step, substep = 0 } = address;
  requireUint32("step", step);
  requireUint32("substep", substep);
  requireUint32("count", count);
  const out = new Uint32Array(count);
  const key = streamKey(seed, stream);
  fillPhilox(out, { counter: [0, step, substep, 0], key });
  return out;
}

/** Uniform numbers in [0, 1): multiples of 2^-24, exact in 32-bit floats. */
export function uniform(
  address: Address,
  count: number,
): Float32Array<ArrayBuffer> {
  const source = words(address, count);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = unitInterval(source[i]!);
  return out;
}

/**
 * Standard normal numbers by Box and Muller's transform: lanes (0, 1) and
 * (2, 3) of a block are each a radius and an angle, and yield the cosine and
 * the sine of one pair.
 */
export function normal(
  address: Address,
  count: number,
): Float32Array<ArrayBuffer> {
  const source = words(address, count + count % 2);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    // Above zero, for the logarithm: a uniform number in (0, 1].
    const positive = unitInterval(source[i]!) + 2 ** -24;
    const radius = Math.sqrt(-2 * Math.log(positive));
    const angle = 2 * Math.PI * unitInterval(source[i + 1]!);
    out[i] = radius * Math.cos(angle);
    // Past the end of an odd count, where a typed array ignores the write.
    out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/**
 * Integers in [0, bound): the high half of word times bound. A value's
 * probability is off by less than 2^-32, far below what any use here can see.
 *
 * @throws RangeError when the bound is not from 1 to 4,294,967,295
 */
export function integers(
  address: Address,
  { count, bound }: { readonly count: number; readonly bound: number },
): Uint32Array<ArrayBuffer> {
  requireUint32("bound", bound);
  if (bound === 0) {
    throw new RangeError(
      "Cannot draw random integers: expected a bound of at least 1 but found 0",
    );
  }
  return words(address, count).map((word) => multiplyHigh(word, bound));
}

/**
 * A permutation of 0 to n - 1 by Fisher and Yates's shuffle: for i from n - 1
 * down to 1, element i changes places with one of elements 0 to i, which word i
 * of the sequence chooses as in {@linkcode integers}.
 */
export function permutation(
  address: Address,
  n: number,
): Uint32Array<ArrayBuffer> {
  const choice = words(address, n);
  const order = choice.map((_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = multiplyHigh(choice[i]!, i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** The upper 24 bits of a word as a number in [0, 1). */
function unitInterval(word: number): number {
  return (word >>> 8) * 2 ** -24;
}
