// Checkpoints come from anywhere, so whatever the bytes are, reading them gives
// tensors or a UserError that names the file, and nothing else.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
  type StoredTensor,
} from "../../src/weights/safetensors.ts";
import { uniform, words } from "../../src/base/random_sequence.ts";
import { readFixture } from "../support/read_fixture.ts";

function tensor(shape: readonly number[], ...values: number[]): StoredTensor {
  return { shape, data: Float32Array.from(values) };
}

/** A file of a header and data, whatever they hold. */
function fileOf(
  header: unknown,
  data: ArrayLike<number> = [],
): Uint8Array<ArrayBuffer> {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const encoded = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + encoded.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(encoded.length), true);
  bytes.set(encoded, 8);
  bytes.set(data, 8 + encoded.length);
  return bytes;
}

Deno.test("decodeSafeTensors() gives back what encodeSafeTensors() was given", () => {
  const tensors = new Map([
    ["layer1.0.weight", tensor([2, 3], 1, -2, 3.5, 0, Infinity, 1e-45)],
    ["scalar", tensor([], 7)],
    ["none", tensor([0, 4])],
    ["Größe 📏", tensor([1, 1], -0)],
    ["__proto__", tensor([2], 5, 6)],
    ["part", {
      shape: [2],
      data: Float32Array.of(8, 9, 10, 11).subarray(1, 3),
    }],
  ]);
  const metadata = { epoch: "12", "Größe": "é", ["__proto__"]: "own" };
  const found = decodeSafeTensors(
    encodeSafeTensors({ tensors, metadata }),
    "test",
  );
  assertEquals([...found.tensors.keys()], [...tensors.keys()]);
  for (const [name, { shape, data }] of tensors) {
    assertEquals(found.tensors.get(name)!.shape, shape);
    assertEquals(found.tensors.get(name)!.data, data.slice());
  }
  assertEquals(found.metadata, metadata);
});

Deno.test("decodeSafeTensors() reads a file without tensors or metadata", () => {
  const empty = encodeSafeTensors({ tensors: new Map(), metadata: {} });
  assertEquals(decodeSafeTensors(empty, "test").tensors.size, 0);
  const found = decodeSafeTensors(fileOf({}), "test");
  assertEquals([found.tensors.size, found.metadata], [0, {}]);
});

Deno.test("encodeSafeTensors() aligns the data to eight bytes, whatever the names", () => {
  for (const name of ["a", "ab", "abc", "é", "éé", "📏", "📏a"]) {
    const tensors = new Map([[name, tensor([1], 2.5)]]);
    const bytes = encodeSafeTensors({ tensors, metadata: { name } });
    const view = new DataView(bytes.buffer);
    const start = 8 + Number(view.getBigUint64(0, true));
    assertEquals(start % 8, 0, name);
    assertEquals(view.getFloat32(start, true), 2.5);
    assertEquals(bytes.length, start + 4);
  }
});

Deno.test("encodeSafeTensors() refuses a tensor whose shape is not its size, and a reserved name", () => {
  assertThrows(
    () =>
      encodeSafeTensors({
        tensors: new Map([["w", tensor([2, 2], 1, 2, 3)]]),
        metadata: {},
      }),
    TypeError,
    "Cannot write w: expected 4 elements but found 3",
  );
  assertThrows(
    () =>
      encodeSafeTensors({
        tensors: new Map([["__metadata__", tensor([], 1)]]),
        metadata: {},
      }),
    TypeError,
    "Cannot write __metadata__: expected a tensor's name",
  );
});

Deno.test("decodeSafeTensors() reads what PyTorch's own writer wrote", () => {
  const bytes = Deno.readFileSync(
    new URL("../fixtures/network_wrn10_1.safetensors", import.meta.url),
  );
  const { tensors, metadata } = decodeSafeTensors(bytes, "fixture");
  const expected = readFixture("network_wrn10_1");
  assertEquals([...tensors.keys()].sort(), [...expected.keys()].sort());
  for (const [name, { shape, values }] of expected) {
    assertEquals(tensors.get(name)!.shape, shape);
    assertEquals(tensors.get(name)!.data, Float32Array.from(values));
  }
  assert(metadata["about"]!.includes("wrn10_1"));
});

Deno.test("decodeSafeTensors() widens or narrows other types to 32-bit floats", () => {
  const types: [string, ArrayBufferView][] = [
    ["F64", Float64Array.of(1.5, -2, 1e300)],
    ["F16", Float16Array.of(1.5, -2, Infinity)],
    ["BF16", Uint16Array.of(0x3fc0, 0xc000, 0x7f80)],
    ["I64", BigInt64Array.of(3n, -2n, 2n ** 40n)],
  ];
  const expected: Record<string, number[]> = {
    I64: [3, -2, 2 ** 40],
  };
  for (const [dtype, { buffer }] of types) {
    const data = new Uint8Array(buffer);
    const header = { x: { dtype, shape: [3], data_offsets: [0, data.length] } };
    const found = decodeSafeTensors(fileOf(header, data), "test");
    assertEquals(
      [...found.tensors.get("x")!.data],
      expected[dtype] ?? [1.5, -2, Infinity],
    );
  }
});

const F32 = { dtype: "F32", shape: [1], data_offsets: [0, 4] };

/** Files that are none, and what an error says of each. */
const WRONG: readonly [
  what: string,
  bytes: Uint8Array<ArrayBuffer>,
  message: string,
][] = [
  ["nothing", new Uint8Array(0), "expected at least 8 bytes but found 0"],
  ["half a length", new Uint8Array(7), "expected at least 8 bytes but found 7"],
  [
    "a ZIP archive, as PyTorch writes",
    Uint8Array.from("PK\x03\x04 archive/data.pkl", (c) => c.charCodeAt(0)),
    "expected a header of ",
  ],
  [
    "a header longer than the file",
    fileOf("{}").with(0, 200),
    "expected a header of 200 bytes but found 2",
  ],
  [
    "a header longer than any file",
    new Uint8Array(16).fill(255),
    "expected a header of 18446744073709552000 bytes but found 8",
  ],
  ["no JSON", fileOf("{x}"), "expected a JSON header"],
  [
    "no UTF-8",
    fileOf('{"x": "')
      .with(9, 0xff),
    "expected a JSON header",
  ],
  ["a list", fileOf("[]"), "expected the header to be a JSON object"],
  ["null", fileOf("null"), "expected the header to be a JSON object"],
  [
    "a number for a tensor",
    fileOf({ w: 3 }),
    "expected a shape and two offsets for w",
  ],
  [
    "null for a tensor",
    fileOf({ w: null }),
    "expected a shape and two offsets for w",
  ],
  [
    "a negative size",
    fileOf({ w: { ...F32, shape: [-1] } }),
    "expected a shape and two offsets for w",
  ],
  [
    "a fractional offset",
    fileOf({ w: { ...F32, data_offsets: [0.5, 4.5] } }),
    "expected a shape and two offsets for w",
  ],
  [
    "one offset",
    fileOf({ w: { ...F32, data_offsets: [0] } }),
    "expected a shape and two offsets for w",
  ],
  [
    "no shape",
    fileOf({ w: { dtype: "F32", data_offsets: [0, 4] } }),
    "expected a shape and two offsets for w",
  ],
  [
    "fewer bytes than the shape says",
    fileOf({ w: { ...F32, shape: [2] } }, [0, 0, 0, 0]),
    "expected 8 bytes for w within the file but found 0 to 4",
  ],
  [
    "a shape beyond all numbers",
    fileOf({ w: { ...F32, shape: Array(100).fill(1e15) } }, [0, 0, 0, 0]),
    "expected Infinity bytes for w within the file but found 0 to 4",
  ],
  [
    "data that is cut off",
    fileOf({ w: F32 }, [0, 0, 0]),
    "expected 4 bytes for w within the file but found 0 to 4",
  ],
  [
    "offsets the wrong way round",
    fileOf({ w: { ...F32, data_offsets: [4, 0] } }, [0, 0, 0, 0]),
    "expected 4 bytes for w within the file but found 4 to 0",
  ],
  [
    "tensors that overlap",
    fileOf({ v: F32, w: F32 }, [0, 0, 0, 0]),
    "expected w to begin at 4 but found 0",
  ],
  [
    "a gap between tensors",
    fileOf({ v: F32, w: { ...F32, data_offsets: [8, 12] } }, Array(12).fill(0)),
    "expected w to begin at 4 but found 8",
  ],
  [
    "bytes that belong to no tensor",
    fileOf({ w: F32 }, Array(8).fill(0)),
    "expected 4 bytes of data but found 8",
  ],
];

for (const [what, bytes, message] of WRONG) {
  Deno.test(`decodeSafeTensors() refuses ${what}`, () => {
    assertThrows(
      () => decodeSafeTensors(bytes, "last.safetensors"),
      UserError,
      `Cannot read last.safetensors: ${message}`,
    );
  });
}

Deno.test("decodeSafeTensors() accepts tensors in any order of their data", () => {
  const header = { w: { ...F32, data_offsets: [4, 8] }, v: F32 };
  const data = new Uint8Array(Float32Array.of(1, 2).buffer);
  const { tensors } = decodeSafeTensors(fileOf(header, data), "test");
  assertEquals([tensors.get("v")!.data[0], tensors.get("w")!.data[0]], [1, 2]);
});

Deno.test("decodeSafeTensors() reads or refuses a damaged file, and never anything else", () => {
  const values = uniform({ seed: 1, stream: "damage", step: 0 }, 12);
  const whole = encodeSafeTensors({
    tensors: new Map([
      ["conv.weight", { shape: [2, 3], data: values.subarray(0, 6) }],
      ["bias", { shape: [6], data: values.subarray(6) }],
    ]),
    metadata: { step: "3" },
  });
  let refused = 0;
  for (let length = 0; length < whole.length; length++) {
    assertThrows(
      () => decodeSafeTensors(whole.slice(0, length), "cut"),
      UserError,
      "Cannot read cut: ",
    );
  }
  for (let trial = 0; trial < 2000; trial++) {
    const [at, value] = words({ seed: 1, stream: "damage", step: trial }, 2);
    const damaged = whole.with(at! % whole.length, value! % 256);
    try {
      decodeSafeTensors(damaged, "damaged");
    } catch (error) {
      assert(error instanceof UserError, `${error}`);
      assert(error.message.startsWith("Cannot read damaged: "));
      refused++;
    }
  }
  assert(refused > 500 && refused < 2000, `${refused}`);
});

Deno.test("decodeSafeTensors() reads a file with a type that nobody asks for", () => {
  for (const dtype of ["F8_E4M3", "constructor", "U64"]) {
    const entries = {
      v: F32,
      w: { ...F32, dtype, data_offsets: [4, 6] },
    };
    const bytes = fileOf(entries, [0, 0, 128, 63, 0, 0]);
    const { tensors } = decodeSafeTensors(bytes, "x");
    assertEquals([...tensors.get("v")!.data], [1]);
    assertThrows(
      () => tensors.get("w")!.data,
      UserError,
      `Cannot read x: expected w to be one of F32, F64, F16, BF16, I64, I32, ` +
        `I16, I8, U8, BOOL but found ${dtype}`,
    );
  }
});
