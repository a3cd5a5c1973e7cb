// The Huffman codes of a JPEG (ITU-T T.81, annex C and F), to find where blocks of
// coefficients end. What they say is not decoded.

import type { Fail } from "../base/fail.ts";
import type { BitReader } from "./jpeg_bits.ts";

/** The codes of one table: how many there are of each length, and what they mean. */
interface Codes {
  readonly counts: Uint8Array;
  readonly symbols: Uint8Array;
}

const LONGEST_CODE = 16;

/** Coefficients of a block. */
const COEFFICIENTS = 64;

/** The tables that are defined so far. */
export class HuffmanTables {
  /** By class and number, as files name them: 0x1n for coefficients behind the first. */
  readonly #tables = new Map<number, Codes>();

  /** Takes the tables of a segment. */
  define(body: Uint8Array, fail: Fail): void {
    for (let at = 0; at < body.length;) {
      const counts = body.subarray(at + 1, at + 1 + LONGEST_CODE);
      const size = counts.reduce((sum, count) => sum + count, 0);
      const start = at + 1 + LONGEST_CODE;
      if (start + size > body.length) fail("a JPEG with a damaged code table");
      const symbols = body.subarray(start, start + size);
      this.#tables.set(body[at]!, { counts, symbols });
      at = start + size;
    }
  }

  /** Reads the first coefficient of a block. */
  passDc(
    reader: BitReader,
    { table, fail }: { readonly table: number; readonly fail: Fail },
  ): void {
    reader.take(Math.min(15, this.#symbol(reader, { key: table, fail })));
  }

  /** Reads the other coefficients of a block. */
  passAc(
    reader: BitReader,
    { table, fail }: { readonly table: number; readonly fail: Fail },
  ): void {
    for (let at = 1; at < COEFFICIENTS; at++) {
      const symbol = this.#symbol(reader, { key: 0x10 | table, fail });
      const [run, bits] = [symbol >> 4, symbol & 15];
      if (bits === 0 && run < 15) return;
      reader.take(bits);
      at += run;
    }
  }

  #symbol(
    reader: BitReader,
    { key, fail }: { readonly key: number; readonly fail: Fail },
  ): number {
    const { counts, symbols } = this.#tables.get(key) ??
      fail("a JPEG without one of its code tables");
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 0; length < LONGEST_CODE; length++) {
      code = code << 1 | reader.take(1);
      first <<= 1;
      const count = counts[length]!;
      if (code - first < count) return symbols[index + code - first]!;
      index += count;
      first += count;
    }
    return fail("a JPEG with damaged data");
  }
}
