// Arrays as .npy files, for tests that read them.

/** NumPy's names of types. */
const TYPES = [
  [Float32Array, "<f4"],
  [Float64Array, "<f8"],
  [Uint8Array, "|u1"],
] as const;

/** Writes an array of this shape as NumPy does. */
export async function writeNpy(
  path: string,
  { shape, data }: {
    readonly shape: readonly number[];
    readonly data:
      | Float32Array<ArrayBuffer>
      | Float64Array<ArrayBuffer>
      | Uint8Array<ArrayBuffer>;
  },
): Promise<void> {
  const [, type] = TYPES.find(([kind]) => data instanceof kind)!;
  const sizes = shape.map((size) => `${size},`).join(" ");
  const header =
    `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const text = `${header.padEnd(117)}\n`;
  const bytes = new Uint8Array(10 + text.length + data.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  new DataView(bytes.buffer).setUint16(8, text.length, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes.set(new Uint8Array(data.buffer), 10 + text.length);
  await Deno.writeFile(path, bytes);
}
