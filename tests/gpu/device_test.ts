// WebGPU's errors print nothing in Deno, and some bad calls end the process, so the
// wrapper must turn each into an exception. Every test that provokes an error has a
// device of its own: a device that has failed stays failed.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DeviceError, OutOfMemoryError } from "../../src/base/errors.ts";
import { Device } from "../../src/gpu/device.ts";
import { readBuffers } from "../../src/gpu/readback.ts";
import { testDevice } from "../support/check_op.ts";

Deno.test("Device.open() finds an adapter and says what it is", async () => {
  const { adapter, limits } = await testDevice();
  assert(adapter.description.length > 0);
  assert(["gpu", "software"].includes(adapter.adapterClass));
  assertEquals(adapter.features, [...adapter.features].sort());
  assert(limits.maxStorageBufferBindingSize >= 128 * 2 ** 20);
});

Deno.test("Device.open() takes the adapter class that is asked for", async () => {
  using gpu = await Device.open({ adapterClass: "gpu" });
  using software = await Device.open({ adapterClass: "software" });
  assertEquals(gpu.adapter.adapterClass, "gpu");
  assertEquals(software.adapter.adapterClass, "software");
});

Deno.test("Device.check() throws what WebGPU reported, again and again", async () => {
  using device = await Device.open();
  device.check();
  // A uniform buffer cannot be mapped: WebGPU reports it and goes on.
  device.createBuffer("wrong", { size: 4, usage: GPUBufferUsage.UNIFORM | 1 });
  await new Promise((resolve) => setTimeout(resolve));
  const message = "The GPU reported an error: ";
  const error = assertThrows(() => device.check(), Error, message);
  assertThrows(() => device.check(), Error, error.message);
  await assertRejects(() => device.finished(), Error, message);
  const encoder = device.gpu.createCommandEncoder();
  assertThrows(() => device.submit(encoder), Error, message);
});

Deno.test("Device.check() tells memory that ran out from other errors", async () => {
  using device = await Device.open();
  const error = new GPUOutOfMemoryError("Not enough memory left.");
  const event = new GPUUncapturedErrorEvent("uncapturederror", { error });
  device.gpu.dispatchEvent(event);
  assertThrows(
    () => device.check(),
    OutOfMemoryError,
    "The GPU reported an error: Not enough memory left.",
  );
});

Deno.test("readBuffers() says that the device was lost", async () => {
  using device = await Device.open();
  const buffer = device.createBuffer("source", { size: 4 });
  device.gpu.destroy();
  await assertRejects(
    () => readBuffers(device, [{ buffer, offset: 0, size: 4 }]),
    DeviceError,
    "Cannot use the GPU: expected it to answer but found it lost",
  );
});

Deno.test("Device.createBuffer() refuses more than the device allows", async () => {
  const device = await testDevice();
  const most = device.limits.maxBufferSize;
  assertThrows(
    () => device.createBuffer("parameters", { size: most + 4 }),
    DeviceError,
    `Cannot allocate parameters: expected at most ${most} bytes on this device but found ${
      most + 4
    }`,
  );
});

Deno.test("Device.createBuffer() makes zeros, and four bytes for a size of 0", async () => {
  const device = await testDevice();
  const buffer = device.createBuffer("empty", { size: 0 });
  assertEquals(buffer.size, 4);
  const [bytes] = await readBuffers(device, [{ buffer, offset: 0, size: 4 }]);
  assertEquals(new Uint32Array(bytes!), Uint32Array.of(0));
  buffer.destroy();
});

Deno.test("Device.write() refuses what is out of range or no whole word", async () => {
  const device = await testDevice();
  const buffer = device.createBuffer("target", { size: 16 });
  const cases: [data: BufferSource, offset: number, message: string][] = [
    [new Float32Array(5), 0, "at most 16 bytes but found 20 at 0"],
    [new Float32Array(1), 16, "at most 16 bytes but found 4 at 16"],
    [new Float32Array(1), -4, "at most 16 bytes but found 4 at -4"],
    [new Float32Array(1), NaN, "whole 4-byte words but found 4 bytes at NaN"],
    [new Uint8Array(3), 0, "whole 4-byte words but found 3 bytes at 0"],
    [new Uint8Array(4), 2, "whole 4-byte words but found 4 bytes at 2"],
  ];
  for (const [data, offset, message] of cases) {
    assertThrows(
      () => device.write(buffer, data, { offset }),
      RangeError,
      `Cannot write to target: expected ${message}`,
    );
  }
  device.check();
  buffer.destroy();
});

Deno.test("Device.write() copies exactly the part that a view shows", async () => {
  const device = await testDevice();
  const buffer = device.createBuffer("target", { size: 24 });
  const whole = Float32Array.of(1, 2, 3, 4, 5, 6);
  device.write(buffer, whole.subarray(2, 4), { offset: 4 });
  device.write(buffer, new DataView(whole.buffer, 16, 4), { offset: 12 });
  device.write(buffer, whole.slice(5).buffer, { offset: 20 });
  device.write(buffer, new Float32Array(0));
  const [bytes] = await readBuffers(device, [{ buffer, offset: 0, size: 24 }]);
  assertEquals(new Float32Array(bytes!), Float32Array.of(0, 3, 4, 5, 0, 6));
  buffer.destroy();
});

Deno.test("Device.dispose() may be called twice, and ends what the device held", async () => {
  const device = await Device.open();
  device.scratch.push(device.createBuffer("scratch", { size: 4 }));
  device.dispose();
  device.dispose();
  assertEquals(device.scratch.length, 0);
  assertEquals((await device.gpu.lost).reason, "destroyed");
  device.check();
});
