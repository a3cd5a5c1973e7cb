// The known answers are Random123's for philox4x32-10 (kat_vectors) and those
// of the FNV reference for 32-bit FNV-1a.

import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  type Counter,
  fillPhilox,
  fnv1a,
  type Key,
  multiplyHigh,
  philox,
  streamKey,
} from "../../src/base/philox.ts";

const ONES = 0xffffffff;

const KNOWN_ANSWERS: readonly [Counter, Key, readonly number[]][] = [
  [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [
    [ONES, ONES, ONES, ONES],
    [ONES, ONES],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

Deno.test("philox() matches the published known answers", () => {
  for (const [counter, key, answer] of KNOWN_ANSWERS) {
    assertEquals([...philox(counter, key)], [...answer]);
  }
});

Deno.test("fillPhilox() joins the blocks of consecutive counters", () => {
  const key: Key = [7, 11];
  const out = new Uint32Array(10);
  fillPhilox(out, { counter: [ONES, 2, 3, 0], key });
  const first = philox([ONES, 2, 3, 0], key);
  // The block number wraps around without touching the other words.
  const second = philox([0, 2, 3, 0], key);
  const third = philox([1, 2, 3, 0], key);
  assertEquals([...out], [...first, ...second, third[0], third[1]]);
});

Deno.test("multiplyHigh() agrees with exact integer products", () => {
  const operands = [0, 1, 2, 0xffff, 0x10000, 0x1ffff, 0xd2511f53, ONES];
  for (const a of operands) {
    for (const b of operands) {
      const exact = Number(BigInt(a) * BigInt(b) >> 32n);
      assertEquals(multiplyHigh(a, b), exact, `${a} x ${b}`);
    }
  }
});

Deno.test("fnv1a() matches the published known answers", () => {
  assertEquals(fnv1a(""), 0x811c9dc5);
  assertEquals(fnv1a("a"), 0xe40c292c);
  assertEquals(fnv1a("foobar"), 0xbf9cf968);
});

Deno.test("fnv1a() hashes UTF-8 bytes, not UTF-16 units", () => {
  // 0xc3, 0xa9; computed with Python's integers.
  assertEquals(fnv1a("é"), 0x1e9de8c1);
});

Deno.test("streamKey() pairs the seed with the hash of the stream", () => {
  assertEquals(streamKey(ONES, "foobar"), [ONES, 0xbf9cf968]);
  assertNotEquals(streamKey(1, "shuffle"), streamKey(1, "augment"));
});

Deno.test("streamKey() refuses a seed outside 32 bits", () => {
  for (const seed of [-1, 0.5, 2 ** 32, NaN, Infinity]) {
    assertThrows(
      () => streamKey(seed, "shuffle"),
      RangeError,
      `expected the seed to be a whole number from 0 to 4294967295 but found ${seed}`,
    );
  }
});
