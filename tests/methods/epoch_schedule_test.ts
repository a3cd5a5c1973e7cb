// Epochs are counted from 1, and a ramp's end does not depend on a run's length.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { scheduleAt } from "../../src/methods/epoch_schedule.ts";

Deno.test("scheduleAt() of a constant is the constant", () => {
  const schedule = { kind: "constant", value: 5 } as const;
  assertEquals([1, 50, 100].map((t) => scheduleAt(schedule, t)), [5, 5, 5]);
});

Deno.test("scheduleAt() of a ramp follows Ganin's curve from the first epoch", () => {
  const ramp = { kind: "ramp", value: 20, over: 100 } as const;
  assertEquals(scheduleAt(ramp, 0), 0);
  // 2 / (1 + exp(-10 t / 100)) - 1, to three decimals.
  const curve = {
    1: 0.05,
    5: 0.245,
    10: 0.462,
    20: 0.762,
    30: 0.905,
    75: 0.999,
  };
  for (const [epoch, gamma] of Object.entries(curve)) {
    assertAlmostEquals(scheduleAt(ramp, Number(epoch)) / 20, gamma, 5e-4);
  }
  assert(scheduleAt(ramp, 1000) <= 20);
});

Deno.test("scheduleAt() of the printed ramp is what FRPAT's supplement prints", () => {
  const ramp = { kind: "printed-ramp", value: 20, over: 100 } as const;
  // 20 * 2 / (1 + exp(-10 t / 100 - 1)), in float64.
  const expected = { 1: 30.0104, 20: 38.1030, 50: 39.9011, 100: 39.9993 };
  for (const [epoch, value] of Object.entries(expected)) {
    assertAlmostEquals(scheduleAt(ramp, Number(epoch)), value, 1e-4);
  }
});
