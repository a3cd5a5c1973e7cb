// The zip archives that PyTorch writes: entries stored as they are, so that the
// bytes of a tensor are a part of the file's. Sizes come from the directory at the
// archive's end, which knows them even where an entry was written before its size
// was known; 64-bit sizes are understood, compression and encryption are refused.
//
// Entries that share bytes are refused too: no program writes them. Checksums are not
// checked: PyTorch can be set to write none, and does not check them either.

import type { Fail } from "../base/fail.ts";

const DIRECTORY_END = 0x06054b50;
const DIRECTORY_END_64 = 0x06064b50;
const DIRECTORY_END_64_LOCATOR = 0x07064b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;

/** Marks a number that is in the 64-bit fields. */
const SEE_64 = 0xffffffff;

/** Whether bytes begin as a zip archive does. */
export function isZipArchive(bytes: Uint8Array): boolean {
  const start = [0x50, 0x4b, 0x03, 0x04];
  return start.every((byte, i) => bytes[i] === byte);
}

/** The entries of an archive by name; views of its bytes, nothing is copied. */
export function zipEntries(
  bytes: Uint8Array<ArrayBuffer>,
  fail: Fail,
): Map<string, Uint8Array<ArrayBuffer>> {
  const file = new CheckedView(bytes, fail);
  const { count, offset } = findDirectory(file);
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  const parts: Part[] = [];
  let at = offset;
  for (let i = 0; i < count; i++) {
    const entry = readEntry(file, at);
    at = entry.end;
    if (entries.has(entry.name)) {
      fail(`expected one entry named ${entry.name} but found several`);
    }
    const contents = contentsOf(file, entry);
    entries.set(entry.name, contents);
    parts.push({ name: entry.name, from: entry.offset, contents });
  }
  checkApart(parts, file);
  return entries;
}

/** An entry from the header before it to its end. */
interface Part {
  readonly name: string;
  readonly from: number;
  readonly contents: Uint8Array;
}

/** Refuses entries that share bytes: a few could stand for any number of others. */
function checkApart(
  parts: readonly Part[],
  { bytes, fail }: CheckedView,
): void {
  let end = 0;
  let before = "";
  for (
    const { name, from, contents } of parts.toSorted((a, b) => a.from - b.from)
  ) {
    if (from < end) {
      fail(
        `expected entries apart but found ${before} and ${name} in one place`,
      );
    }
    end = contents.byteOffset - bytes.byteOffset + contents.length;
    before = name;
  }
}

/** Little-endian numbers at places that are checked to be in the file. */
class CheckedView {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly fail: Fail;
  readonly #view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>, fail: Fail) {
    this.bytes = bytes;
    this.fail = fail;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u16(at: number): number {
    return this.#view.getUint16(this.#checked(at, 2), true);
  }

  u32(at: number): number {
    return this.#view.getUint32(this.#checked(at, 4), true);
  }

  u64(at: number): number {
    return Number(this.#view.getBigUint64(this.#checked(at, 8), true));
  }

  part(at: number, length: number): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(this.#checked(at, length), at + length);
  }

  #checked(at: number, length: number): number {
    if (
      Number.isSafeInteger(at) && at >= 0 && at + length <= this.bytes.length
    ) {
      return at;
    }
    return this.fail(
      `expected ${length} bytes at ${at} but found the file's end at ` +
        `${this.bytes.length}, so it is cut off or damaged`,
    );
  }
}

interface Directory {
  readonly count: number;
  readonly offset: number;
}

/** Longest comment behind the end of a directory, in bytes. */
const LONGEST_COMMENT = 0xffff;

function findDirectory(file: CheckedView): Directory {
  const last = file.bytes.length - 22;
  for (let at = last; at >= 0 && at >= last - LONGEST_COMMENT; at--) {
    if (file.u32(at) !== DIRECTORY_END) continue;
    if (at + 22 + file.u16(at + 20) !== file.bytes.length) continue;
    const wide = at >= 20 && file.u32(at - 20) === DIRECTORY_END_64_LOCATOR;
    return wide ? wideDirectory(file, file.u64(at - 12)) : {
      count: file.u16(at + 10),
      offset: file.u32(at + 16),
    };
  }
  return file.fail(
    "expected a zip archive's directory but found none, so it is cut off or damaged",
  );
}

function wideDirectory(file: CheckedView, at: number): Directory {
  if (file.u32(at) !== DIRECTORY_END_64) {
    file.fail(`expected a zip64 directory at ${at} but found none`);
  }
  return { count: file.u64(at + 32), offset: file.u64(at + 48) };
}

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly offset: number;
  /** Where the next entry of the directory begins. */
  readonly end: number;
}

function readEntry(file: CheckedView, at: number): Entry {
  if (file.u32(at) !== DIRECTORY_ENTRY) {
    file.fail(`expected an entry of the zip directory at ${at} but found none`);
  }
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
    file.u16(at + field)
  ) as [number, number, number];
  const name = new TextDecoder().decode(file.part(at + 46, nameLength));
  const [flags, method] = [file.u16(at + 8), file.u16(at + 10)];
  if (flags & 1 || method !== 0) {
    file.fail(
      `expected ${name} to be stored as PyTorch stores it but found it ` +
        `${flags & 1 ? "encrypted" : "compressed"}`,
    );
  }
  const extra = { at: at + 46 + nameLength, length: extraLength };
  const [size, stored, offset] = widened(file, extra, [
    file.u32(at + 24),
    file.u32(at + 20),
    file.u32(at + 42),
  ]);
  if (size !== stored) {
    file.fail(`expected ${size} bytes of ${name} but found ${stored}`);
  }
  const end = extra.at + extraLength + commentLength;
  return { name, size: size!, offset: offset!, end };
}

/** The numbers, those that did not fit taken from the zip64 field. */
function widened(
  file: CheckedView,
  extra: { readonly at: number; readonly length: number },
  numbers: readonly number[],
): readonly number[] {
  if (!numbers.includes(SEE_64)) return numbers;
  const end = extra.at + extra.length;
  let at = extra.at;
  while (at + 4 <= end && file.u16(at) !== 1) at += 4 + file.u16(at + 2);
  at += 4;
  return numbers.map((number) => {
    if (number !== SEE_64) return number;
    if (at + 8 > end) {
      return file.fail(
        "expected 64-bit sizes in the zip directory but found none",
      );
    }
    at += 8;
    return file.u64(at - 8);
  });
}

function contentsOf(
  file: CheckedView,
  { name, size, offset }: Entry,
): Uint8Array<ArrayBuffer> {
  if (file.u32(offset) !== LOCAL_ENTRY) {
    file.fail(`expected ${name} at ${offset} but found no zip entry`);
  }
  const start = offset + 30 + file.u16(offset + 26) + file.u16(offset + 28);
  return file.part(start, size);
}
