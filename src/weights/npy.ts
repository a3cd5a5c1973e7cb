// NumPy's .npy format, versions 1 to 3: one array in a file, of plain numbers in C order.
// Objects, which a pickle would hold, are not read, and nothing is run.

import { type Fail, failureOf } from "../base/fail.ts";
import { ELEMENT_TYPES } from "./stored_tensor.ts";

/** The array of a file. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Its type by the names of safetensors: "F32", "U8". */
  readonly type: string;
  /** The bytes of its elements, in row-major order, little-endian. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The header of a file. */
export interface NpyHeader extends Omit<NpyArray, "bytes"> {
  /** Where the elements begin. */
  readonly start: number;
}

/** Most bytes of a header. */
export const LONGEST_NPY_HEADER = 65_536;

/** NumPy's names of types, by the names of safetensors. */
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

const MAGIC = [0x93, ...new TextEncoder().encode("NUMPY")];

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
  const { start, shape, type } = decodeNpyHeader(bytes, source);
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

/**
 * Reads the header in the first bytes of a file.
 *
 * @throws {UserError} as {@linkcode decodeNpy} does.
 */
export function decodeNpyHeader(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): NpyHeader {
  const fail = failureOf(source);
  const isNpy = bytes.length >= 12 && MAGIC.every((b, i) => bytes[i] === b);
  if (!isNpy) fail("expected an array of NumPy (.npy) but found another file");
  const version = bytes[6]!;
  if (version < 1 || version > 3) {
    fail(`expected version 1, 2 or 3 of .npy but found ${version}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = version > 1;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (wide ? 12 : 10) + length;
  if (start > Math.min(bytes.length, LONGEST_NPY_HEADER)) {
    fail(`expected a header of ${length} bytes but found less`);
  }
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1")
    .decode(bytes.subarray(wide ? 12 : 10, start));
  return { start, ...parsed(text, fail) };
}

/** The three entries of a header, a literal of a Python dictionary. */
function parsed(text: string, fail: Fail): Pick<NpyHeader, "shape" | "type"> {
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape':\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (order === undefined || sizes === undefined) {
    fail("expected 'descr', 'fortran_order' and 'shape' in its header");
  }
  const type = TYPES.get(descr ?? "");
  if (type === undefined) {
    fail(
      `expected one of the types ${[...TYPES.keys()].join(", ")} but found ` +
        (descr ?? "another"),
    );
  }
  if (order === "True") {
    fail(
      "expected C order but found Fortran order; np.ascontiguousarray " +
        "changes it",
    );
  }
  const shape = sizes!.split(",").map((one) => one.trim()).filter(Boolean)
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) fail("expected sizes in its shape");
  return { shape, type: type! };
}
