// Tensors in files, and the types of their elements. All are converted to 32-bit floats.

/**
 * A tensor of a file: its shape and its elements in row-major order. Reading elements
 * may throw, for example for an unknown type.
 */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** A type of elements: the bytes of one, and how many become 32-bit floats. */
export interface ElementType {
  readonly bytes: number;
  readonly read: (buffer: ArrayBuffer) => Float32Array<ArrayBuffer>;
}

/**
 * Types by the names that safetensors has for them. Counters are stored as
 * integers; half precision is widened exactly.
 */
export const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ["F32", { bytes: 4, read: (buffer) => new Float32Array(buffer) }],
  ["F64", {
    bytes: 8,
    read: (buffer) => Float32Array.from(new Float64Array(buffer)),
  }],
  ["F16", {
    bytes: 2,
    read: (buffer) => Float32Array.from(new Float16Array(buffer)),
  }],
  ["BF16", { bytes: 2, read: widenBfloat16 }],
  ["I64", {
    bytes: 8,
    read: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number),
  }],
  ["I32", {
    bytes: 4,
    read: (buffer) => Float32Array.from(new Int32Array(buffer)),
  }],
  ["I16", {
    bytes: 2,
    read: (buffer) => Float32Array.from(new Int16Array(buffer)),
  }],
  ["I8", {
    bytes: 1,
    read: (buffer) => Float32Array.from(new Int8Array(buffer)),
  }],
  ["U8", { bytes: 1, read: readBytes }],
  ["BOOL", { bytes: 1, read: readBytes }],
]);

function readBytes(buffer: ArrayBuffer): Float32Array<ArrayBuffer> {
  return Float32Array.from(new Uint8Array(buffer));
}

/** A bfloat16 is the upper half of a 32-bit float. */
function widenBfloat16(buffer: ArrayBuffer): Float32Array<ArrayBuffer> {
  const words = Uint32Array.from(
    new Uint16Array(buffer),
    (upper) => upper << 16,
  );
  return new Float32Array(words.buffer);
}
