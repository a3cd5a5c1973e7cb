// The assignment of values to buffers, on intervals alone.

import { assert, assertEquals } from "@std/assert";
import {
  assignBuffers,
  type Lifetime,
  peakBytes,
} from "../../src/graph/lifetime.ts";
import { integers } from "../../src/base/random_sequence.ts";

/** Random values: sizes over three orders of magnitude, some alive for long. */
function randomLifetimes(step: number, count: number): Lifetime[] {
  const draw = (stream: string, bound: number) =>
    integers({ seed: 1, stream, step }, { count, bound });
  const [starts, short, long] = [
    draw("start", 2 * count),
    draw("short", 8),
    draw("long", count),
  ];
  const sizes = draw("size", 1000);
  return Array.from(starts, (first, i) => ({
    size: 4 * (1 + sizes[i]! * (i % 3 === 0 ? 100 : 1)),
    first,
    last: first + (i % 5 === 0 ? long : short)[i]!,
  }));
}

/** Fails unless every value fits and shares its buffer with no other at any time. */
function assertFits(lifetimes: readonly Lifetime[]): number {
  const { bufferOf, sizes } = assignBuffers(lifetimes);
  assertEquals(bufferOf.length, lifetimes.length);
  lifetimes.forEach((a, i) => {
    assert(sizes[bufferOf[i]!]! >= a.size);
    lifetimes.slice(0, i).forEach((b, j) => {
      const together = a.first <= b.last && b.first <= a.last;
      assert(!together || bufferOf[i] !== bufferOf[j], `${i} and ${j}`);
    });
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

Deno.test("assignBuffers() never lets two living values share a buffer", () => {
  for (let step = 0; step < 40; step++) {
    const lifetimes = randomLifetimes(step, 5 + 5 * step);
    const total = assertFits(lifetimes);
    const peak = peakBytes(lifetimes);
    assert(total >= peak, "no assignment can need less than the peak");
    assert(total <= 1.5 * peak, `${total / peak}`);
  }
});

Deno.test("assignBuffers() needs the peak alone for a forward and a backward pass", () => {
  // Layer i is computed at i and used again at 2 n - i.
  const layers = 50;
  const lifetimes = Array.from({ length: layers }, (_, i) => ({
    size: 4 * (1 + (i * 37) % 11),
    first: i,
    last: 2 * layers - i,
  }));
  assertEquals(assertFits(lifetimes), peakBytes(lifetimes));
});

Deno.test("assignBuffers() needs two buffers for a chain", () => {
  const chain = Array.from(
    { length: 30 },
    (_, i) => ({ size: 64, first: i, last: i + 1 }),
  );
  assertEquals(assignBuffers(chain).sizes, [64, 64]);
  assertEquals(peakBytes(chain), 128);
});

Deno.test("assignBuffers() lets a value follow only after the last use of another", () => {
  const at = (first: number, last: number) => ({ size: 4, first, last });
  assertEquals(assignBuffers([at(0, 3), at(4, 5)]).sizes.length, 1);
  assertEquals(assignBuffers([at(0, 3), at(3, 5)]).sizes.length, 2);
});

Deno.test("assignBuffers() and peakBytes() know nothing of nothing", () => {
  assertEquals(assignBuffers([]), { bufferOf: [], sizes: [] });
  assertEquals(peakBytes([]), 0);
});
