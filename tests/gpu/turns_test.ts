// A long program in pieces: it computes the same, and whatever waits gets its turn.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Device } from "../../src/gpu/device.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import type { Kernel } from "../../src/gpu/program.ts";
import { Turns } from "../../src/gpu/turns.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { testDevice } from "../support/check_op.ts";
import { double, programOf, readFloats } from "../support/programs.ts";

Deno.test("Turns gives a device as much work as it does in a second", () => {
  let now = 0;
  const turns = new Turns("software", () => now);
  assertEquals(turns.budget, 5e9);
  turns.submitted(2e9);
  now = 500;
  turns.submitted(3e9);
  assertEquals(turns.budget, 0);
  now = 4000;
  turns.drained();
  // 5e9 in 4 seconds.
  assertEquals(turns.budget, 1.25e9);
  turns.drained();
  assertEquals(turns.budget, 1.25e9);
});

Deno.test("Plan.runInTurns() computes what run() does, however it is cut", async () => {
  using memory = new Memory(await testDevice());
  const x = new Variable("x", []);
  using plan = await Plan.bind({
    ...programOf([x], []),
    blocks: [{
      repeat: 3,
      dispatches: [double(0), { ...double(0), flops: 1e15 }],
    }],
  }, memory);
  plan.run();
  const [whole] = await readFloats(memory, x);
  memory.write(x, Float32Array.of(0));
  await plan.runInTurns();
  assertEquals((await readFloats(memory, x))[0], whole);
});

/** Keeps a processor busy for about a tenth of a second. */
const slow: Kernel = {
  name: "slow",
  constants: {},
  source: `
    @group(0) @binding(0) var<storage, read_write> x: array<f32>;
    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3u) {
      var y = f32(id.x);
      for (var i = 0u; i < 20000u; i++) { y = sin(y) + 1.0; }
      x[id.x % 64u] = y;
    }`,
};

Deno.test("Plan.runInTurns() lets timers run on a device that takes long", async () => {
  using device = await Device.open();
  if (device.adapter.adapterClass !== "software") return;
  using memory = new Memory(device);
  const x = new Variable("x", [64]);
  using plan = await Plan.bind({
    ...programOf([x], []),
    blocks: [{
      repeat: 12,
      dispatches: [{
        label: "slow",
        kernel: slow,
        reads: [],
        writes: [{ buffer: 0, offset: 0, size: 256 }],
        workgroups: [16, 1, 1],
        flops: 5e9,
      }],
    }],
  }, memory);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await plan.runInTurns();
  clearInterval(timer);
  assert(turns >= 3, `${turns} turns`);
});

Deno.test("Plan.run() refuses to run inside a program that is cut, which a signal ends", async () => {
  using memory = new Memory(await testDevice());
  const x = new Variable("x", []);
  using plan = await Plan.bind({
    ...programOf([x], []),
    blocks: [{ repeat: 2, dispatches: [{ ...double(0), flops: 1e15 }] }],
  }, memory);
  const running = plan.runInTurns();
  assertThrows(() => plan.run(), Error, "to be done before but found it under");
  await running;
  using longer = await Plan.bind({
    ...programOf([x], []),
    blocks: [{ repeat: 2, dispatches: [{ ...double(0), flops: 1e60 }] }],
  }, memory);
  const reason = await longer.runInTurns(AbortSignal.abort("stopped"))
    .catch((reason) => reason);
  assertEquals(reason, "stopped");
  plan.run();
});
