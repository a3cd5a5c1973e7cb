// Reading is the only wait in the project; what a read gives must be the state at
// the moment of the call, whatever runs while it waits.

import { assertEquals, assertThrows } from "@std/assert";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { readBuffers, Snapshots } from "../../src/gpu/readback.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { testDevice } from "../support/check_op.ts";
import { double, programOf } from "../support/programs.ts";

/** A plan that takes x from 2^n - 1 to 2^(n+1) - 1. */
async function counting(): Promise<
  { memory: Memory; plan: Plan; x: Variable } & Disposable
> {
  const memory = new Memory(await testDevice());
  const x = new Variable("x", []);
  const plan = await Plan.bind(programOf([x], [double(0)]), memory);
  return {
    memory,
    plan,
    x,
    [Symbol.dispose]() {
      plan.dispose();
      memory.dispose();
    },
  };
}

const float = (bytes: ArrayBuffer): number => new Float32Array(bytes)[0]!;

Deno.test("readBuffers() reads parts of several buffers in one wait", async () => {
  const device = await testDevice();
  const buffers = [[1, 2, 3, 4], [5, 6]].map((values, i) => {
    const buffer = device.createBuffer(`source ${i}`, {
      size: 4 * values.length,
    });
    device.write(buffer, Float32Array.from(values));
    return buffer;
  });
  const found = await readBuffers(device, [
    { buffer: buffers[1]!, offset: 4, size: 4 },
    { buffer: buffers[0]!, offset: 4, size: 8 },
    { buffer: buffers[0]!, offset: 0, size: 0 },
    { buffer: buffers[0]!, offset: 0, size: 4 },
  ]);
  assertEquals(
    found.map((bytes) => [...new Float32Array(bytes)]),
    [[6], [2, 3], [], [1]],
  );
  assertEquals(await readBuffers(device, []), []);
  for (const buffer of buffers) buffer.destroy();
});

Deno.test("readBuffers() gives the state at the call, not at the answer", async () => {
  using counted = await counting();
  const { memory, plan, x } = counted;
  plan.run();
  const first = memory.read([x]);
  plan.run();
  plan.run();
  const second = memory.read([x]);
  assertEquals((await first).map(float), [1]);
  assertEquals((await second).map(float), [7]);
});

Deno.test("Snapshots.take() gives the state at the call while steps go on", async () => {
  using counted = await counting();
  const { memory, plan, x } = counted;
  const snapshots = new Snapshots(memory.device, memory.part(x));
  let previous = snapshots.take();
  for (let step = 0; step < 6; step++) {
    plan.run();
    const next = snapshots.take();
    plan.run();
    // The copy taken one turn ago is read while the newest is under way.
    assertEquals(
      float(await previous),
      2 ** (2 * step - 1 + (step ? 0 : 1)) - 1,
    );
    previous = next;
  }
  assertEquals(float(await previous), 2 ** 11 - 1);
  await snapshots.dispose();
  memory.device.check();
});

Deno.test("Snapshots.take() refuses a third copy while two are under way", async () => {
  using counted = await counting();
  const { memory, x } = counted;
  const snapshots = new Snapshots(memory.device, memory.part(x));
  const taken = [snapshots.take(), snapshots.take()];
  assertThrows(
    () => snapshots.take(),
    Error,
    "Cannot take a snapshot: expected the one before the last to have arrived",
  );
  assertEquals((await Promise.all(taken)).map(float), [0, 0]);
  assertEquals(float(await snapshots.take()), 0);
  await snapshots.dispose();
  memory.device.check();
});

Deno.test("Snapshots.dispose() waits for copies under way", async () => {
  using counted = await counting();
  const { memory, x } = counted;
  const snapshots = new Snapshots(memory.device, memory.part(x));
  const taken = [snapshots.take(), snapshots.take()];
  await snapshots.dispose();
  assertEquals((await Promise.all(taken)).map(float), [0, 0]);
  memory.device.check();
});
