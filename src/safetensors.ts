// The safetensors format: named tensors in one file that holds nothing to execute.
//
// Eight bytes with the header's length, a JSON header of dtypes, shapes and byte
// ranges, then the raw little-endian data. Every number in a header is checked
// against the file before it is used, since a checkpoint may come from anywhere.

/** A tensor of a file: its shape and its elements in row-major order. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** What a file holds. */
export interface SafeTensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * How elements of a stored type become 32-bit floats. Counters are stored as
 * integers; half precision is widened exactly.
 */
const READERS: Readonly<
  Record<string, {
    readonly bytes: number;
    readonly read: (buffer: ArrayBuffer) => Float32Array<ArrayBuffer>;
  }>
> = {
  F32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  F64: {
    bytes: 8,
    read: (buffer) => Float32Array.from(new Float64Array(buffer)),
  },
  F16: {
    bytes: 2,
    read: (buffer) => Float32Array.from(new Float16Array(buffer)),
  },
  BF16: { bytes: 2, read: widenBfloat16 },
  I64: {
    bytes: 8,
    read: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number),
  },
};

/** A bfloat16 is the upper half of a 32-bit float. */
function widenBfloat16(buffer: ArrayBuffer): Float32Array<ArrayBuffer> {
  const words = Uint32Array.from(
    new Uint16Array(buffer),
    (upper) => upper << 16,
  );
  return new Float32Array(words.buffer);
}

/** Longest header that the format allows, in bytes. */
const MAX_HEADER = 100_000_000;

/** A file's bytes. Tensors are written in the order given, as 32-bit floats. */
export function encodeSafeTensors(
  { tensors, metadata }: SafeTensors,
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    const data_offsets = [end, end += data.byteLength];
    header[name] = { dtype: "F32", shape, data_offsets };
  }
  const json = JSON.stringify(header);
  // Spaces align the data to eight bytes, as the format recommends.
  const text = new TextEncoder().encode(
    json.padEnd(Math.ceil(json.length / 8) * 8),
  );
  const bytes = new Uint8Array(8 + text.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  let at = 8 + text.length;
  for (const { data } of tensors.values()) {
    bytes.set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      at,
    );
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a file's bytes; elements of other types become 32-bit floats.
 *
 * @param source What to call the file in errors.
 * @throws {SyntaxError} if the bytes are not a complete safetensors file of known types.
 */
export function decodeSafeTensors(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): SafeTensors {
  const fail = (problem: string): never => {
    throw new SyntaxError(`Cannot read ${source}: ${problem}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) {
    fail(`expected at least 8 bytes but found ${bytes.length}`);
  }
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > bytes.length) {
    fail(`expected a header of ${length} bytes but found ${bytes.length - 8}`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + length), fail);
  const start = 8 + length;
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets } = (entry ?? {}) as Record<
      string,
      unknown
    >;
    const reader = READERS[String(dtype)];
    if (!reader) {
      const known = Object.keys(READERS).join(", ");
      return fail(`expected ${name} to be one of ${known} but found ${dtype}`);
    }
    if (
      !isSizes(shape) || !isSizes(data_offsets) || data_offsets.length !== 2
    ) {
      return fail(`expected a shape and two offsets for ${name}`);
    }
    const [from, to] = data_offsets as [number, number];
    const size = reader.bytes * shape.reduce((product, n) => product * n, 1);
    if (to - from !== size || start + to > bytes.length) {
      fail(
        `expected ${size} bytes for ${name} within the file but found ${from} to ${to}`,
      );
    }
    const data = reader.read(bytes.slice(start + from, start + to).buffer);
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata: metadataOf(header) };
}

function parseHeader(
  bytes: Uint8Array,
  fail: (problem: string) => never,
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
