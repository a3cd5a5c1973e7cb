// Reads the tensors of a fixture, tests/fixtures/<name>.safetensors: a 64-bit
// length, that many bytes of JSON, then the numbers.

/** A tensor of a fixture, read as numbers. */
export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** The f32 tensors of a fixture, by name. */
export function readFixture(name: string): Map<string, FixtureTensor> {
  const url = new URL(`../fixtures/${name}.safetensors`, import.meta.url);
  const { buffer } = Deno.readFileSync(url);
  const start = 8 + Number(new DataView(buffer).getBigUint64(0, true));
  const header: Record<string, Entry> = JSON.parse(
    new TextDecoder().decode(buffer.slice(8, start)),
  );
  const entries = Object.entries(header).filter(([, { dtype }]) =>
    dtype === "F32"
  );
  return new Map(entries.map(([name, { shape, data_offsets: [from, to] }]) => {
    const bytes = buffer.slice(start + from, start + to);
    return [name, { shape, values: Array.from(new Float32Array(bytes)) }];
  }));
}
