// The header of NumPy's .npy format, versions 1 to 3: one array in a file, of plain
// numbers in C order. Objects, which a pickle would hold, are not read.

import { type Fail, failureOf } from "../base/fail.ts";

/** What a header says. */
export interface NpyHeader {
  /** NumPy's name of the type, such as "|u1" or "<f4". */
  readonly type: string;
  /** The sizes of its axes. */
  readonly shape: readonly number[];
  /** Where the numbers begin, in bytes. */
  readonly start: number;
}

/** Most bytes of a header. */
export const LONGEST_NPY_HEADER = 65_536;

const MAGIC = [0x93, ...new TextEncoder().encode("NUMPY")];

/**
 * Reads the header in the first bytes of a file.
 *
 * @param options.source What to call the file in errors.
 * @param options.types The types that are read, by NumPy's names.
 * @throws {UserError} if there is none, or it promises another type or order.
 */
export function decodeNpyHeader(
  bytes: Uint8Array<ArrayBuffer>,
  { source, types }: {
    readonly source: string;
    readonly types: readonly string[];
  },
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
  const { type, shape } = parsed(text, fail);
  if (!types.includes(type)) {
    fail(`expected one of the types ${types.join(", ")} but found ${type}`);
  }
  return { type, shape, start };
}

/** The three entries of a header, a literal of a Python dictionary. */
function parsed(text: string, fail: Fail): Omit<NpyHeader, "start"> {
  const type = /'descr':\s*'([^']*)'/.exec(text)?.[1] ?? "another";
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape':\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (order === undefined || sizes === undefined) {
    return fail("expected 'descr', 'fortran_order' and 'shape' in its header");
  }
  if (order === "True") {
    fail(
      "expected C order but found Fortran order; np.ascontiguousarray " +
        "changes it",
    );
  }
  const shape = sizes.split(",").map((one) => one.trim()).filter(Boolean)
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) fail("expected sizes in its shape");
  return { type, shape };
}
