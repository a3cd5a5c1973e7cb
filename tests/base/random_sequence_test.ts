// Bounds on averages are five standard deviations of the exact distribution.
// The seeds are fixed, so that a failure is a fault and never bad luck.

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { philox, streamKey } from "../../src/base/philox.ts";
import {
  type Address,
  integers,
  normal,
  permutation,
  uniform,
  words,
} from "../../src/base/random_sequence.ts";

const ADDRESS: Address = { seed: 1, stream: "test", step: 3 };

Deno.test("words() lays out block i >> 2, lane i & 3", () => {
  const address: Address = { ...ADDRESS, substep: 9 };
  const sequence = words(address, 7);
  for (const [i, word] of sequence.entries()) {
    const block = philox([i >> 2, 3, 9, 0], streamKey(1, "test"));
    assertEquals(word, block[i & 3]);
  }
});

Deno.test("words() begins a longer sequence with the shorter one", () => {
  assertEquals(words(ADDRESS, 1000).slice(0, 37), words(ADDRESS, 37));
});

Deno.test("words() changes with each part of the address", () => {
  const changes: readonly Partial<Address>[] = [
    { seed: 2 },
    { stream: "other" },
    { step: 4 },
    { substep: 1 },
  ];
  for (const change of changes) {
    assertNotEquals(words({ ...ADDRESS, ...change }, 4), words(ADDRESS, 4));
  }
  assertEquals(words({ ...ADDRESS, substep: 0 }, 4), words(ADDRESS, 4));
});

Deno.test("words() refuses a step, substep or count outside 32 bits", () => {
  assertThrows(() => words({ ...ADDRESS, step: -1 }, 1), RangeError, "step");
  const substep = 1.5;
  assertThrows(() => words({ ...ADDRESS, substep }, 1), RangeError, "substep");
  assertThrows(() => words(ADDRESS, -1), RangeError, "count");
});

Deno.test("uniform() takes the upper 24 bits of each word", () => {
  const expected = Array.from(words(ADDRESS, 9), (w) => (w >>> 8) / 2 ** 24);
  assertEquals([...uniform(ADDRESS, 9)], expected);
});

Deno.test("uniform() is uniform in [0, 1)", () => {
  const count = 100_000;
  const numbers = uniform(ADDRESS, count);
  assert(numbers.every((number) => number >= 0 && number < 1));
  const { mean, variance } = moments(numbers);
  assertAlmostEquals(mean, 1 / 2, 5 * Math.sqrt(1 / 12 / count));
  assertAlmostEquals(variance, 1 / 12, 5 * Math.sqrt(1 / 180 / count));
  const bins = new Uint32Array(256);
  for (const number of numbers) bins[Math.floor(number * 256)]!++;
  // Chi squared with 255 degrees of freedom: mean 255, variance 510.
  const expected = count / 256;
  const chiSquared = bins.reduce(
    (sum, bin) => sum + (bin - expected) ** 2 / expected,
    0,
  );
  assertAlmostEquals(chiSquared, 255, 5 * Math.sqrt(510));
});

Deno.test("normal() is Box and Muller's transform of lane pairs", () => {
  const source = words(ADDRESS, 6);
  const numbers = normal(ADDRESS, 5);
  assertEquals(numbers.length, 5);
  for (const [i, number] of numbers.entries()) {
    const a = ((source[i & ~1]! >>> 8) + 1) / 2 ** 24;
    const b = (source[i | 1]! >>> 8) / 2 ** 24;
    const wave = i & 1 ? Math.sin : Math.cos;
    const expected = Math.sqrt(-2 * Math.log(a)) * wave(2 * Math.PI * b);
    assertEquals(number, Math.fround(expected));
  }
});

Deno.test("normal() has mean 0, variance 1 and normal tails", () => {
  const count = 100_000;
  const numbers = normal(ADDRESS, count);
  const { mean, variance } = moments(numbers);
  assertAlmostEquals(mean, 0, 5 * Math.sqrt(1 / count));
  assertAlmostEquals(variance, 1, 5 * Math.sqrt(2 / count));
  const within = numbers.filter((number) => Math.abs(number) < 1.96).length;
  const deviation = Math.sqrt(0.95 * 0.05 / count);
  assertAlmostEquals(within / count, 0.950004, 5 * deviation);
});

Deno.test("integers() stays below its bound and reaches all of it", () => {
  const count = 10_000;
  const bins = new Uint32Array(10);
  for (const integer of integers(ADDRESS, { count, bound: 10 })) {
    bins[integer]!++;
  }
  for (const bin of bins) {
    assertAlmostEquals(bin / count, 0.1, 5 * Math.sqrt(0.09 / count));
  }
  const all = integers(ADDRESS, { count: 4, bound: 1 });
  assertEquals([...all], [0, 0, 0, 0]);
});

Deno.test("integers() refuses a bound of zero", () => {
  assertThrows(
    () => integers(ADDRESS, { count: 1, bound: 0 }),
    RangeError,
    "expected a bound of at least 1 but found 0",
  );
});

Deno.test("permutation() holds every index once", () => {
  for (const n of [0, 1, 2, 1000]) {
    const sorted = permutation(ADDRESS, n).sort();
    assertEquals([...sorted], Array.from({ length: n }, (_, i) => i));
  }
});

Deno.test("permutation() makes every order of three equally likely", () => {
  const draws = 6000;
  const tally = new Map<string, number>();
  for (let step = 0; step < draws; step++) {
    const order = permutation({ ...ADDRESS, step }, 3).join("");
    tally.set(order, (tally.get(order) ?? 0) + 1);
  }
  assertEquals(tally.size, 6);
  for (const times of tally.values()) {
    assertAlmostEquals(times / draws, 1 / 6, 5 * Math.sqrt(5 / 36 / draws));
  }
});

/** Mean and variance, in double precision. */
function moments(
  numbers: Float32Array,
): { readonly mean: number; readonly variance: number } {
  let sum = 0;
  let squares = 0;
  for (const number of numbers) {
    sum += number;
    squares += number * number;
  }
  const mean = sum / numbers.length;
  return { mean, variance: squares / numbers.length - mean * mean };
}
