// Variables share a buffer by identity: what one program or one slice writes, every
// other sees.

import { assertEquals, assertThrows } from "@std/assert";
import { Memory } from "../../src/gpu/memory.ts";
import { flatten, Variable } from "../../src/graph/tensor.ts";
import { testDevice } from "../support/check_op.ts";
import { readFloats } from "../support/programs.ts";

Deno.test("Memory.read() gives zeros for what was never written", async () => {
  using memory = new Memory(await testDevice());
  const x = new Variable("x", [3]);
  assertEquals(await readFloats(memory, x), new Float32Array(3));
});

Deno.test("Memory.write() to a slice changes that part of the root alone", async () => {
  using memory = new Memory(await testDevice());
  const parts = [3, 65, 2].map((n, i) => new Variable(`part ${i}`, [n]));
  const flat = flatten("flat", parts);
  assertEquals(parts.map(({ byteOffset }) => byteOffset), [0, 256, 768]);
  memory.write(flat, new Float32Array(flat.byteLength / 4).fill(7));
  memory.write(parts[1]!, Float32Array.from({ length: 65 }, (_, i) => i));
  const whole = await readFloats(memory, flat);
  whole.forEach((value, i) =>
    assertEquals(value, i >= 64 && i < 64 + 65 ? i - 64 : 7, `word ${i}`)
  );
  assertEquals(
    memory.size,
    flat.byteLength,
    "the parts have no buffer of their own",
  );
});

Deno.test("Memory.read() gives several variables in the order asked for", async () => {
  using memory = new Memory(await testDevice());
  const [a, b] = [new Variable("a", []), new Variable("b", [2])];
  const slice = b.slice("second of b", 4, { dtype: "f32", shape: [] });
  memory.write(a, Float32Array.of(1));
  memory.write(b, Float32Array.of(2, 3));
  const found = await memory.read([slice, b, a, slice]);
  assertEquals(
    found.map((bytes) => [...new Float32Array(bytes)]),
    [[3], [2, 3], [1], [3]],
  );
  assertEquals(await memory.read([]), []);
});

Deno.test("Memory.write() refuses another size than the variable's", async () => {
  using memory = new Memory(await testDevice());
  const flat = new Variable("flat", [8]);
  const slice = flat.slice("bias", 0, { dtype: "f32", shape: [2] });
  for (const size of [0, 1, 3, 8]) {
    assertThrows(
      () => memory.write(slice, new Float32Array(size)),
      RangeError,
      `Cannot write bias: expected 8 bytes but found ${4 * size}`,
    );
  }
});

Deno.test("Memory keeps variables of one name apart, and memories of one device too", async () => {
  const device = await testDevice();
  using memory = new Memory(device);
  using other = new Memory(device);
  const [x, namesake] = [new Variable("x", []), new Variable("x", [])];
  memory.write(x, Float32Array.of(5));
  assertEquals(await readFloats(memory, namesake), Float32Array.of(0));
  assertEquals(await readFloats(other, x), Float32Array.of(0));
  assertEquals(await readFloats(memory, x), Float32Array.of(5));
  assertEquals([memory.size, other.size], [8, 4]);
});
