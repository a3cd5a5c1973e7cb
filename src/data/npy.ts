// Arrays of whole numbers in NumPy's .npy format, versions 1 to 3: a header that says
// type, order and shape, then the numbers. Rows are read by their place, so that an array
// may be larger than memory.

import { fileInfo, readError } from "../base/disk.ts";
import { UserError } from "../base/errors.ts";
import { failureOf } from "../base/fail.ts";
import {
  decodeNpyHeader,
  LONGEST_NPY_HEADER,
  type NpyHeader,
} from "./npy_header.ts";

/** An array in a file. */
export interface NpyFile extends NpyHeader {
  readonly path: string;
}

/** Bytes of a number, by NumPy's name of its type. */
const BYTES: Readonly<Record<string, number>> = {
  "|u1": 1,
  "|i1": 1,
  "<u2": 2,
  "<i2": 2,
  "<u4": 4,
  "<i4": 4,
  "<u8": 8,
  "<i8": 8,
};

/**
 * Reads the header of the file at `path`, and compares what it promises with the file's
 * size.
 *
 * @throws {UserError} if there is no such file, or it is no array of whole numbers in
 * rows, or was cut off.
 */
export async function readNpyHeader(path: string): Promise<NpyFile> {
  const info = await fileInfo(path);
  const fail = failureOf(path);
  if (!info?.isFile) {
    return fail(
      "expected whole numbers as NumPy saves them but found " +
        (info ? "a folder" : "no such file"),
    );
  }
  const first = await readPart(path, { at: 0, length: LONGEST_NPY_HEADER });
  const types = Object.keys(BYTES);
  const header = decodeNpyHeader(first, { source: path, types });
  const { type, shape, start } = header;
  const expected = start +
    BYTES[type]! * shape.reduce((all, size) => all * size, 1);
  if (info.size === expected) return { path, ...header };
  return fail(
    `expected ${expected} bytes, as its header promises, but found ` +
      `${info.size}: it was cut off`,
  );
}

/** Rows to read: from `start` to before `end`, along the first axis. */
export interface Rows {
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes of some rows.
 *
 * @throws {UserError} if the file became shorter.
 */
export async function readNpyRows(
  { path, type, shape, start: offset }: NpyFile,
  { start, end }: Rows,
): Promise<Uint8Array<ArrayBuffer>> {
  const row = shape.slice(1).reduce((all, size) => all * size, BYTES[type]!);
  const length = (end - start) * row;
  const bytes = await readPart(path, { at: offset + start * row, length });
  if (bytes.length === length) return bytes;
  throw new UserError(
    `Cannot read ${path}: expected ${length} bytes of rows ${start} to ${end} ` +
      `but found ${bytes.length}`,
  );
}

/**
 * All numbers of an array.
 *
 * @throws {RangeError} for a number that is not exact in double precision.
 */
export async function readNpyNumbers(header: NpyFile): Promise<number[]> {
  const { type, shape } = header;
  const bytes = await readNpyRows(header, { start: 0, end: shape[0] ?? 1 });
  const view = new DataView(bytes.buffer);
  const size = BYTES[type]!;
  return Array.from({ length: bytes.length / size }, (_, i) => {
    const value = numberAt(view, { at: size * i, type });
    if (Number.isSafeInteger(value)) return value;
    throw new RangeError(
      `Cannot read ${header.path}: expected smaller numbers but found ${value}`,
    );
  });
}

function numberAt(
  view: DataView,
  { at, type }: { readonly at: number; readonly type: string },
): number {
  switch (type) {
    case "|u1":
      return view.getUint8(at);
    case "|i1":
      return view.getInt8(at);
    case "<u2":
      return view.getUint16(at, true);
    case "<i2":
      return view.getInt16(at, true);
    case "<u4":
      return view.getUint32(at, true);
    case "<i4":
      return view.getInt32(at, true);
    case "<u8":
      return Number(view.getBigUint64(at, true));
    default:
      return Number(view.getBigInt64(at, true));
  }
}

/** At most `length` bytes from a place of a file on. */
async function readPart(
  path: string,
  { at, length }: { readonly at: number; readonly length: number },
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    using file = await Deno.open(path);
    await file.seek(at, Deno.SeekMode.Start);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const read = await file.read(bytes.subarray(done));
      if (read === null) return bytes.slice(0, done);
      done += read;
    }
    return bytes;
  } catch (error) {
    throw readError(error, path);
  }
}
