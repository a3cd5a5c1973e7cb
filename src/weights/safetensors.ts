// The safetensors format: named tensors in one file that holds nothing to execute.
//
// Eight bytes with the header's length, a JSON header of dtypes, shapes and byte
// ranges, then the raw little-endian data. Every number in a header is checked
// against the file before it is used, since a checkpoint may come from anywhere.

import { type Fail, failureOf } from "../base/fail.ts";
import {
  ELEMENT_TYPES,
  type ElementType,
  type StoredTensor,
} from "./stored_tensor.ts";

export type { StoredTensor };

/** The contents of a file. */
export interface SafeTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Longest header that the format allows, in bytes. */
const MAX_HEADER = 100_000_000;

/**
 * A file's bytes. Tensors are written in the order given, as 32-bit floats.
 *
 * @throws {TypeError} if a tensor has not as many elements as its shape says.
 */
export function encodeSafeTensors(
  { tensors, metadata }: SafeTensors,
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = [["__metadata__", metadata]];
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    checkWritable(name, { shape, data });
    const data_offsets = [end, end += data.byteLength];
    entries.push([name, { dtype: "F32", shape, data_offsets }]);
  }
  const json = JSON.stringify(Object.fromEntries(entries));
  const text = new TextEncoder().encode(json);
  // Spaces align the data to eight bytes, as the format recommends.
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  bytes.fill(SPACE, 8 + text.length, 8 + length);
  let at = 8 + length;
  for (const { data } of tensors.values()) {
    bytes.set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      at,
    );
    at += data.byteLength;
  }
  return bytes;
}

const SPACE = 0x20;

function checkWritable(name: string, { shape, data }: StoredTensor): void {
  if (name === "__metadata__") {
    throw new TypeError(`Cannot write ${name}: expected a tensor's name`);
  }
  const size = shape.reduce((product, n) => product * n, 1);
  if (data.length !== size) {
    throw new TypeError(
      `Cannot write ${name}: expected ${size} elements but found ${data.length}`,
    );
  }
}

/**
 * Reads a file's bytes; elements of other types become 32-bit floats.
 *
 * @param source What to call the file in errors.
 * @throws {UserError} if the bytes are not a complete safetensors file. Tensors of unknown
 * types are there, and throw where their elements are asked for.
 */
export function decodeSafeTensors(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): SafeTensors {
  const fail = failureOf(source);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) {
    fail(`expected at least 8 bytes but found ${bytes.length}`);
  }
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > bytes.length) {
    fail(`expected a header of ${length} bytes but found ${bytes.length - 8}`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + length), fail);
  const data = bytes.subarray(8 + length);
  const ranges = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => rangeOf(name, { entry, data, fail }));
  checkCover(ranges, { size: data.length, fail });
  const tensors = ranges.map(({ name, shape, from, to, read }) => {
    const tensor: StoredTensor = read
      ? { shape, data: read(data.slice(from, to).buffer) }
      : unreadable(shape, () => fail(typeProblem(name, header[name])));
    return [name, tensor] as const;
  });
  return { tensors: new Map(tensors), metadata: metadataOf(header) };
}

/** Where a tensor's bytes lie behind the header, and how to read them. */
interface TensorRange {
  readonly name: string;
  /** Undefined for a type that is not understood. */
  readonly read: ElementType["read"] | undefined;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** A header's entry, each number checked. */
function rangeOf(
  name: string,
  { entry, data, fail }: {
    readonly entry: unknown;
    readonly data: Uint8Array;
    readonly fail: Fail;
  },
): TensorRange {
  const { dtype, shape, data_offsets } = (entry ?? {}) as Record<
    string,
    unknown
  >;
  const type = ELEMENT_TYPES.get(String(dtype));
  if (
    !isSizes(shape) || !isSizes(data_offsets) || data_offsets.length !== 2
  ) {
    return fail(`expected a shape and two offsets for ${name}`);
  }
  const [from, to] = data_offsets as [number, number];
  const size = type
    ? type.bytes * shape.reduce((product, n) => product * n, 1)
    : to - from;
  if (to - from !== size || size < 0 || to > data.length) {
    fail(
      `expected ${size} bytes for ${name} within the file but found ${from} to ${to}`,
    );
  }
  return { name, read: type?.read, shape, from, to };
}

/** A tensor that is there, but cannot be read. */
function unreadable(
  shape: readonly number[],
  read: () => never,
): StoredTensor {
  return {
    shape,
    get data() {
      return read();
    },
  };
}

function typeProblem(name: string, entry: unknown): string {
  const known = [...ELEMENT_TYPES.keys()].join(", ");
  const { dtype } = entry as { readonly dtype?: unknown };
  return `expected ${name} to be one of ${known} but found ${dtype}`;
}

/** Refuses tensors that overlap, and bytes that belong to none. */
function checkCover(
  ranges: readonly TensorRange[],
  { size, fail }: { readonly size: number; readonly fail: Fail },
): void {
  let end = 0;
  const inOrder = ranges.toSorted((a, b) => a.from - b.from || a.to - b.to);
  for (const { name, from, to } of inOrder) {
    if (from !== end) {
      fail(`expected ${name} to begin at ${end} but found ${from}`);
    }
    end = to;
  }
  if (end !== size) fail(`expected ${end} bytes of data but found ${size}`);
}

function parseHeader(
  bytes: Uint8Array,
  fail: Fail,
): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    );
  } catch {
    fail(
      "expected a JSON header, so it is no safetensors file or a damaged one",
    );
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    fail("expected the header to be a JSON object");
  }
  return header as Record<string, unknown>;
}

function metadataOf(header: Record<string, unknown>): Record<string, string> {
  const given = header["__metadata__"];
  if (typeof given !== "object" || given === null) return {};
  const strings = Object.entries(given).filter(([, value]) =>
    typeof value === "string"
  );
  return Object.fromEntries(strings) as Record<string, string>;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) &&
    value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
