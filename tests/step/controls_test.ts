import { assert, assertEquals } from "@std/assert";
import { Controls } from "../../src/step/controls.ts";

Deno.test("Controls.scheduled() gives one scalar for equal names and schedules alone", () => {
  const controls = new Controls();
  const constant = { kind: "constant", value: 5 } as const;
  const scalar = controls.scheduled("relation weight", constant);
  const ramp = { kind: "ramp", value: 5, over: 100 } as const;
  assert(controls.scheduled("relation weight", { ...constant }) === scalar);
  assert(controls.scheduled("relation weight", ramp) !== scalar);
  assert(controls.scheduled("pkt weight", constant) !== scalar);
  assertEquals(scalar.shape, []);
});
