// One array of a .npy file, as a tensor.

import { failureOf } from "../base/fail.ts";
import { decodeNpyHeader } from "../data/npy_header.ts";
import { ELEMENT_TYPES } from "./stored_tensor.ts";

/** The array of a file. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Its type by the names of safetensors: "F32", "U8". */
  readonly type: string;
  /** The bytes of its elements, in row-major order, little-endian. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The names of safetensors, by NumPy's names of types. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["<f2", "F16"],
  ["<f4", "F32"],
  ["<f8", "F64"],
  ["|u1", "U8"],
  ["|i1", "I8"],
  ["<i2", "I16"],
  ["<i4", "I32"],
  ["<i8", "I64"],
]);

/**
 * Reads a file's bytes. The elements share their memory.
 *
 * @param source What to call the file in errors.
 * @throws {UserError} if they are no whole array of numbers in C order.
 */
export function decodeNpy(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): NpyArray {
  const types = [...TYPES.keys()];
  const { start, shape, ...header } = decodeNpyHeader(bytes, { source, types });
  const type = TYPES.get(header.type)!;
  const size = shape.reduce((product, n) => product * n, 1) *
    ELEMENT_TYPES.get(type)!.bytes;
  const found = bytes.length - start;
  if (found !== size) {
    failureOf(source)(
      `expected ${size} bytes for an array of (${shape.join(", ")}) but ` +
        `found ${found}`,
    );
  }
  return { shape, type, bytes: bytes.subarray(start) };
}
