// A plan is bound once and replayed: results after many runs, buffers that plans
// share, and errors that name what is wrong.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Device } from "../../src/gpu/device.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { readBuffers } from "../../src/gpu/readback.ts";
import { flatten, Variable } from "../../src/graph/tensor.ts";
import { testDevice } from "../support/check_op.ts";
import {
  affine,
  double,
  doubleKernel,
  programOf,
  readFloats,
} from "../support/programs.ts";

Deno.test("Plan.run() runs dispatches in order, each with its own arguments", async () => {
  using memory = new Memory(await testDevice());
  const [x, y] = [new Variable("x", [100]), new Variable("y", [100])];
  const program = programOf([x, y, 100], [
    affine([0, 2], { size: 100, factor: 2, summand: 1 }),
    affine([2, 1], { size: 100, factor: -1, summand: 0.5 }),
    // Fewer elements: what the arguments of this dispatch alone say.
    affine([0, 1], { size: 3 }),
  ]);
  memory.write(x, Float32Array.from({ length: 100 }, (_, i) => i));
  using plan = await Plan.bind(program, memory);
  plan.run();
  const found = await readFloats(memory, y);
  found.forEach((value, i) => assertEquals(value, i < 3 ? i : -2 * i - 0.5));
});

Deno.test("Plan.run() repeats a block within a run, and runs add up", async () => {
  using memory = new Memory(await testDevice());
  const x = new Variable("x", []);
  using plan = await Plan.bind({
    ...programOf([x], []),
    blocks: [
      { repeat: 3, dispatches: [double(0)] },
      { repeat: 1, dispatches: [double(0)] },
    ],
  }, memory);
  const seen: number[] = [];
  for (let run = 1; run <= 3; run++) {
    plan.run();
    seen.push((await readFloats(memory, x))[0]!);
  }
  assertEquals(seen, [2 ** 4 - 1, 2 ** 8 - 1, 2 ** 12 - 1]);
});

Deno.test("Plan.bind() binds parts of buffers, several of one for writing", async () => {
  using memory = new Memory(await testDevice());
  const [a, b] = [new Variable("a", [2]), new Variable("b", [2])];
  const flat = flatten("flat", [a, b]);
  const kernel = {
    name: "count",
    constants: {},
    source: `
      @group(0) @binding(0) var<storage, read_write> a: array<f32>;
      @group(0) @binding(1) var<storage, read_write> b: array<f32>;
      @compute @workgroup_size(1) fn main() {
        a[0] = f32(arrayLength(&a)); b[1] = f32(arrayLength(&b)) + 10.0;
      }`,
  };
  using plan = await Plan.bind(
    programOf([flat], [{
      label: "count",
      kernel,
      reads: [],
      writes: [a, b].map((v) => ({ buffer: 0, offset: v.byteOffset, size: 8 })),
      workgroups: [1, 1, 1],
    }]),
    memory,
  );
  plan.run();
  assertEquals(await readFloats(memory, a), Float32Array.of(2, 0));
  assertEquals(await readFloats(memory, b), Float32Array.of(0, 12));
});

Deno.test("Plan.bind() lets programs share variables and scratch", async () => {
  using device = await Device.open();
  using memory = new Memory(device);
  const [x, y] = [new Variable("x", [8]), new Variable("y", [8])];
  const through = (scratch: readonly number[], summand: number) =>
    programOf([x, y, ...scratch], [
      affine([0, 2], { size: 8, summand }),
      affine([2, 1], { size: 8 }),
    ]);
  using large = await Plan.bind(through([1000, 50], 1), memory);
  const bytes = (): number[] => device.scratch.map(({ size }) => size);
  assertEquals(bytes(), [4000, 200]);
  using small = await Plan.bind(through([8, 900], 2), memory);
  assertEquals(bytes(), [4000, 200], "both fit into what was there");
  using larger = await Plan.bind(through([60, 800], 3), memory);
  assertEquals(bytes(), [4000, 200, 240], "only the second did not fit");
  using threefold = await Plan.bind(through([8, 8, 8, 8], 4), memory);
  assertEquals(bytes().length, 4);
  memory.write(x, new Float32Array(8).fill(10));
  for (const [i, plan] of [large, small, larger, threefold].entries()) {
    plan.run();
    const found = await readFloats(memory, y);
    assertEquals(found, new Float32Array(8).fill(11 + i));
  }
});

Deno.test("Plan.dispose() leaves variables and other plans as they are", async () => {
  using memory = new Memory(await testDevice());
  const [x, y] = [new Variable("x", [4]), new Variable("y", [4])];
  const program = programOf([x, y, 4], [
    affine([0, 2], { size: 4, summand: 1 }),
    affine([2, 1], { size: 4 }),
  ]);
  const first = await Plan.bind(program, memory);
  using second = await Plan.bind(program, memory);
  first.run();
  first.dispose();
  memory.write(x, Float32Array.of(1, 2, 3, 4));
  second.run();
  assertEquals(await readFloats(memory, y), Float32Array.of(2, 3, 4, 5));
});

Deno.test("Plan.run() makes no buffer and maps none", async () => {
  using memory = new Memory(await testDevice());
  const [x, y] = [new Variable("x", [4]), new Variable("y", [4])];
  using plan = await Plan.bind(
    programOf([x, y], [affine([0, 1], { size: 4 })]),
    memory,
  );
  const calls: string[] = [];
  const { createBuffer, createBindGroup } = GPUDevice.prototype;
  const { mapAsync } = GPUBuffer.prototype;
  const spy = <This, Arguments extends unknown[], Result>(
    method: (this: This, ...rest: Arguments) => Result,
  ) =>
    function (this: This, ...rest: Arguments): Result {
      calls.push(method.name);
      return method.apply(this, rest);
    };
  GPUDevice.prototype.createBuffer = spy(createBuffer);
  GPUDevice.prototype.createBindGroup = spy(createBindGroup);
  GPUBuffer.prototype.mapAsync = spy(mapAsync);
  try {
    for (let run = 0; run < 5; run++) plan.run();
    assertEquals(calls, []);
    await readFloats(memory, y);
    assertEquals(calls, ["createBuffer", "mapAsync"], "a read does both");
  } finally {
    GPUDevice.prototype.createBuffer = createBuffer;
    GPUDevice.prototype.createBindGroup = createBindGroup;
    GPUBuffer.prototype.mapAsync = mapAsync;
  }
});

Deno.test("Plan.bind() refuses more workgroups than a dimension holds", async () => {
  using memory = new Memory(await testDevice());
  const x = new Variable("x", []);
  for (const workgroups of [[65_536, 1, 1], [1, 0, 1], [1, 1, 1.5]] as const) {
    await assertRejects(
      () => Plan.bind(programOf([x], [{ ...double(0), workgroups }]), memory),
      RangeError,
      `Cannot dispatch double: expected 1 to 65535 workgroups per dimension but found ${
        workgroups.join(" x ")
      }`,
    );
  }
});

Deno.test("Plan.bind() names the program when a binding does not fit its buffer", async () => {
  using memory = new Memory(await testDevice());
  const x = new Variable("x", [4]);
  const beyond = { buffer: 0, offset: 0, size: 32 };
  const askew = { buffer: 0, offset: 4, size: 4 };
  for (const part of [beyond, askew]) {
    await assertRejects(
      () =>
        Plan.bind(programOf([x], [{ ...double(0), writes: [part] }]), memory),
      Error,
      "Cannot bind test program: ",
    );
  }
  memory.device.check();
});

Deno.test("Plan.bind() names the dispatch whose arguments do not fit its kernel", async () => {
  using memory = new Memory(await testDevice());
  const [x, y] = [new Variable("x", [4]), new Variable("y", [4])];
  const dispatch = affine([0, 1], { size: 4, label: "first" });
  const wrong = { ...dispatch, label: "second", arguments: { size: 4 } };
  await assertRejects(
    () => Plan.bind(programOf([x, y], [dispatch, wrong]), memory),
    TypeError,
    "Cannot pack arguments of second: expected {factor, size, summand} but found {size}",
  );
});

Deno.test("Plan.bind() refuses bindings that differ from the kernel's", async () => {
  using memory = new Memory(await testDevice());
  const [x, y] = [new Variable("x", [4]), new Variable("y", [4])];
  const reading = {
    ...affine([0, 1], { size: 4 }),
    kernel: doubleKernel,
    arguments: {},
  };
  await assertRejects(
    () => Plan.bind(programOf([x, y], [reading]), memory),
    SyntaxError,
    "Cannot compile double.wgsl",
  );
});

Deno.test("Plan.bind() leaves errors loud after it has failed", async () => {
  using device = await Device.open();
  using memory = new Memory(device);
  const x = new Variable("x", []);
  const bad = programOf([x], [{ ...double(0), workgroups: [0, 1, 1] }]);
  await assertRejects(() => Plan.bind(bad, memory), RangeError);
  device.createBuffer("wrong", { size: 4, usage: GPUBufferUsage.UNIFORM | 1 });
  await new Promise((resolve) => setTimeout(resolve));
  assertThrows(() => device.check(), Error, "The GPU reported an error");
});

Deno.test("Plan.bind() blames a program for its own shaders alone", async () => {
  using memory = new Memory(await testDevice());
  const x = new Variable("x", []);
  const kernel = { ...doubleKernel, name: "broken", source: "fn main() { ? }" };
  const bad = programOf([x], [
    { ...double(0), kernel },
    { ...double(0), workgroups: [0, 1, 1] },
  ]);
  await assertRejects(
    () => Plan.bind(bad, memory),
    SyntaxError,
    "Cannot compile broken.wgsl",
  );
  using plan = await Plan.bind(programOf([x], [double(0)]), memory);
  plan.run();
  assertEquals(await readFloats(memory, x), Float32Array.of(1));
});

Deno.test("Plan.run() is loud where a dispatch reads and writes one buffer", async () => {
  using device = await Device.open();
  using memory = new Memory(device);
  const x = new Variable("x", [128]);
  const dispatch = {
    ...affine([0, 0], { size: 4 }),
    writes: [{ buffer: 0, offset: 256, size: 16 }],
  };
  using plan = await Plan.bind(programOf([x], [dispatch]), memory);
  const error = await assertRejects(async () => {
    plan.run();
    await memory.read([x]);
  }, Error);
  assert(error.message.includes("usage"), error.message);
  assertThrows(() => device.check(), Error, "The GPU reported an error");
  const buffer = memory.part(x);
  await assertRejects(() => readBuffers(device, [buffer]), Error);
});
