// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011): a keyed bijection of 128-bit counters, so that a random number is
// a pure function of its address, and not of how many were drawn before.
// No generator state exists anywhere: resuming a run restores nothing, and the
// GPU (src/wgsl/philox.wgsl) and the host agree word by word.
//
// JavaScript has no 32 x 32 -> 64 bit product. Its high half is assembled from
// 16-bit pieces with Math.imul, which is exact and an order of magnitude faster
// than BigInt.

/** Four 32-bit words: (block, step, substep, 0) in this project. */
export type Counter = readonly [number, number, number, number];

/** Two 32-bit words: (seed, FNV-1a of the stream's name) in this project. */
export type Key = readonly [number, number];

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** The high 32 bits of the 64-bit product of two 32-bit unsigned integers. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = Math.imul(aLow, bLow);
  const middle = (Math.imul(aHigh, bLow) + (low >>> 16)) >>> 0;
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) >>> 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/** The four words that `key` assigns to `counter`. */
export function philox(counter: Counter, key: Key): Uint32Array<ArrayBuffer> {
  const block = new Uint32Array(4);
  fillPhilox(block, { counter, key });
  return block;
}

/**
 * Fills `out` with consecutive blocks: block b of `out` belongs to `counter`
 * with b added to its first word. A last partial block is cut off.
 */
export function fillPhilox(
  out: Uint32Array,
  { counter, key }: { readonly counter: Counter; readonly key: Key },
): void {
  for (let start = 0, block = counter[0]; start < out.length; start += 4) {
    let c0 = block++ >>> 0;
    let [, c1, c2, c3] = counter;
    let [k0, k1] = key;
    for (let round = 0; round < ROUNDS; round++) {
      const high0 = multiplyHigh(MULTIPLIER_0, c0);
      const high1 = multiplyHigh(MULTIPLIER_1, c2);
      const low0 = Math.imul(MULTIPLIER_0, c0);
      const low1 = Math.imul(MULTIPLIER_1, c2);
      c0 = high1 ^ c1 ^ k0;
      c1 = low1;
      c2 = high0 ^ c3 ^ k1;
      c3 = low0;
      k0 = (k0 + WEYL_0) | 0;
      k1 = (k1 + WEYL_1) | 0;
    }
    // Writes past the end of a typed array are ignored.
    out[start] = c0;
    out[start + 1] = c1;
    out[start + 2] = c2;
    out[start + 3] = c3;
  }
}

/** FNV-1a, 32 bits, of the UTF-8 bytes of `text`. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/**
 * The key of one stream of one run: unrelated streams for unrelated names.
 *
 * @param seed the run's one integer, 0 to 4,294,967,295
 * @param stream the stream's name, for instance "shuffle" or "init/conv1"
 * @throws RangeError when the seed is not a 32-bit unsigned integer
 */
export function streamKey(seed: number, stream: string): Key {
  requireUint32("seed", seed);
  return [seed, fnv1a(stream)];
}

/** Throws a RangeError unless `value` is a 32-bit unsigned integer. */
export function requireUint32(name: string, value: number): void {
  if (value >>> 0 !== value) {
    throw new RangeError(
      `Cannot draw random numbers: expected the ${name} to be a whole ` +
        `number from 0 to 4294967295 but found ${value}`,
    );
  }
}
