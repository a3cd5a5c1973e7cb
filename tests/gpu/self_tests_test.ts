import { assert, assertEquals } from "@std/assert";
import { Device } from "../../src/gpu/device.ts";
import { LOOP_TRIPS, selfTests, tripsTo } from "../../src/gpu/self_tests.ts";

/** The kernel's recurrence after so many trips, in exact arithmetic. */
function after(trips: number): number {
  let x = 1n;
  for (let i = 0; i < trips; i++) x = (1664525n * x + 1013904223n) % 2n ** 32n;
  return Number(x);
}

Deno.test("tripsTo() tells how often the recurrence was applied", () => {
  for (const trips of [0, 1, 2, 65_535, LOOP_TRIPS]) {
    assertEquals(tripsTo(after(trips)), trips);
  }
});

Deno.test("tripsTo() does not know numbers that no trip leads to", () => {
  assertEquals(tripsTo(after(LOOP_TRIPS + 1)), null);
  assertEquals(tripsTo(0), null);
});

Deno.test("selfTests() counts a loop's trips, all or as many as old Mesa makes", async () => {
  using device = await Device.open();
  const { loopTrips, findsNan } = await selfTests(device);
  assert(loopTrips === LOOP_TRIPS || loopTrips === 65_535, `${loopTrips}`);
  assert(findsNan, "NaN passes for a number");
});

Deno.test("selfTests() measures the length of a tick where there are timestamps", async () => {
  using device = await Device.open({ timestamps: true });
  const { nanosecondsPerTick } = await selfTests(device);
  const timed = device.gpu.features.has("timestamp-query");
  assertEquals(nanosecondsPerTick !== null, timed);
  if (/llvmpipe/.test(device.adapter.description)) {
    assertEquals(nanosecondsPerTick, 1);
  }
});

Deno.test("selfTests() says nothing of ticks without timestamps", async () => {
  using device = await Device.open();
  const { nanosecondsPerTick } = await selfTests(device);
  assertEquals(nanosecondsPerTick, null);
});
