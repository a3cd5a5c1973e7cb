// The bits of a JPEG's compressed data: a zero is stuffed behind each byte 0xff, and
// restart markers stand where bits begin on a byte anew.

import type { Fail } from "../base/fail.ts";

/** Reads bits, and copies what it reads. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #fail: Fail;
  #sinks: readonly BitWriter[] = [];
  #at = 0;
  #byte = 0;
  /** Bits of the byte that are not read. */
  #left = 0;

  constructor(bytes: Uint8Array, fail: Fail) {
    this.#bytes = bytes;
    this.#fail = fail;
  }

  /** Where bits are copied to from now on. */
  copyTo(sinks: readonly BitWriter[]): void {
    this.#sinks = sinks;
  }

  /** The next bits, at most 16. */
  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      if (this.#left === 0) this.#next();
      value = value << 1 | this.#byte >> --this.#left & 1;
    }
    for (const sink of this.#sinks) sink.write(value, count);
    return value;
  }

  #next(): void {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) this.#fail('"Premature end of JPEG file"');
    if (byte === 0xff && this.#bytes[this.#at++] !== 0) {
      this.#fail("a JPEG with damaged data");
    }
    this.#byte = byte;
    this.#left = 8;
  }

  /** Goes behind the next restart marker. */
  restart(): void {
    const bytes = this.#bytes;
    this.#left = 0;
    const isRestart = bytes[this.#at] === 0xff &&
      bytes[this.#at + 1]! >> 3 === 0xd0 >> 3;
    if (!isRestart) this.#fail("a JPEG with damaged data");
    this.#at += 2;
  }
}

/** Collects bits. */
export class BitWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  #byte = 0;
  #filled = 0;
  #restarts = 0;

  /** Adds the lowest bits of a value, at most 16. */
  write(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      this.#byte = this.#byte << 1 | value >> bit & 1;
      if (++this.#filled === 8) this.#flush();
    }
  }

  #flush(): void {
    this.#push(this.#byte);
    if (this.#byte === 0xff) this.#push(0);
    this.#byte = 0;
    this.#filled = 0;
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }

  /** Fills the byte with ones, as files do. */
  #align(): void {
    if (this.#filled > 0) this.write(0xff, 8 - this.#filled);
  }

  /** Adds the next restart marker. */
  restart(): void {
    this.#align();
    this.#push(0xff);
    this.#push(0xd0 + this.#restarts++ % 8);
  }

  /** The bytes. */
  end(): Uint8Array {
    this.#align();
    return this.#bytes.subarray(0, this.#length);
  }
}
