// A profile must add up: every dispatch of a run once, under its label.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Device } from "../../src/gpu/device.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { profile } from "../../src/gpu/profile.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { testDevice } from "../support/check_op.ts";
import { affine, double, programOf, readFloats } from "../support/programs.ts";

Deno.test("profile() counts every dispatch of a run under its label", async () => {
  using device = await Device.open({ timestamps: true });
  if (!device.gpu.features.has("timestamp-query")) {
    throw new Error("expected an adapter with timestamp queries");
  }
  using memory = new Memory(device);
  const size = 2 ** 20;
  const [x, y] = [new Variable("x", [size]), new Variable("y", [size])];
  const state = new Variable("state", []);
  // More dispatches than one query set holds, and one that does far more work.
  using plan = await Plan.bind({
    ...programOf([x, y, state], []),
    blocks: [
      { repeat: 2100, dispatches: [double(2)] },
      {
        repeat: 1,
        dispatches: [
          affine([0, 1], { size, label: "large" }),
          affine([0, 1], { size: 1, label: "small" }),
          affine([0, 1], { size: 1, label: "small" }),
        ],
      },
    ],
  }, memory);
  const rows = await profile(plan);
  assertEquals(
    new Map(rows.map(({ label, dispatches }) => [label, dispatches])),
    new Map([["double", 2100], ["large", 1], ["small", 2]]),
  );
  assert(rows.every(({ ticks }) => ticks >= 0));
  const ticks = new Map(rows.map(({ label, ticks }) => [label, ticks]));
  assert(ticks.get("large")! > ticks.get("small")!);
  assertEquals(rows, rows.toSorted((a, b) => b.ticks - a.ticks));
  assertEquals(
    await readFloats(memory, state),
    Float32Array.of(Infinity),
    "the dispatches ran",
  );
});

Deno.test("profile() needs a device that was opened with timestamps", async () => {
  using memory = new Memory(await testDevice());
  using plan = await Plan.bind(
    programOf([new Variable("x", [])], [double(0)]),
    memory,
  );
  await assertRejects(
    () => profile(plan),
    Error,
    "Cannot profile: expected an adapter with timestamp queries but found none",
  );
});
