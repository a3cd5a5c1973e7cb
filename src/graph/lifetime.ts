// Assignment of values to buffers: values share one if their lifetimes do not overlap.
//
// Whole buffers are shared and not parts of one arena, because WebGPU refuses a
// dispatch that reads and writes one buffer even in disjoint ranges. Taking the
// largest values first keeps the total close to the peak of what is alive.

/** A value's size in bytes and the first and last dispatch that touch it. */
export interface Lifetime {
  readonly size: number;
  readonly first: number;
  readonly last: number;
}

/** Which buffer each value gets, and how large each buffer is. */
export interface Assignment {
  readonly bufferOf: readonly number[];
  readonly sizes: readonly number[];
}

/** Assigns values to as few and small buffers as a greedy pass finds. */
export function assignBuffers(lifetimes: readonly Lifetime[]): Assignment {
  const order = lifetimes.map((_, i) => i)
    .sort((a, b) => lifetimes[b]!.size - lifetimes[a]!.size || a - b);
  const bufferOf = new Array<number>(lifetimes.length);
  const sizes: number[] = [];
  const residents: Lifetime[][] = [];
  for (const i of order) {
    const value = lifetimes[i]!;
    let buffer = residents.findIndex((others) =>
      others.every((o) => !overlap(o, value))
    );
    if (buffer < 0) {
      buffer = sizes.push(value.size) - 1;
      residents.push([]);
    }
    residents[buffer]!.push(value);
    bufferOf[i] = buffer;
  }
  return { bufferOf, sizes };
}

/** Bytes alive at the busiest moment: no assignment can need less. */
export function peakBytes(lifetimes: readonly Lifetime[]): number {
  const changes = lifetimes.flatMap(({ size, first, last }) => [
    { at: first, size },
    { at: last + 1, size: -size },
  ]).sort((a, b) => a.at - b.at || a.size - b.size);
  let alive = 0, peak = 0;
  for (const { size } of changes) peak = Math.max(peak, alive += size);
  return peak;
}

function overlap(a: Lifetime, b: Lifetime): boolean {
  return a.first <= b.last && b.first <= a.last;
}
