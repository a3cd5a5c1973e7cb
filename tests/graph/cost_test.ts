// Programs are plain data, so what they cost is counted without a device.

import { assertEquals } from "@std/assert";
import type { Program } from "../../src/gpu/program.ts";
import { costOf, trafficOf } from "../../src/graph/cost.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { affine, double } from "../support/programs.ts";

Deno.test("costOf() counts loops, arithmetic, traffic, scratch and variables", () => {
  const parameters = new Variable("parameters", [100]);
  const program: Program = {
    name: "test",
    buffers: [
      { label: "scratch 0", size: 400 },
      { label: "scratch 1", size: 40 },
      { label: "parameters", size: 400, variable: parameters },
    ],
    blocks: [
      { repeat: 1, dispatches: [affine([2, 0], { size: 100 })] },
      {
        repeat: 10,
        dispatches: [
          { ...affine([0, 1], { size: 10 }), flops: 30 },
          { ...affine([1, 0], { size: 5 }), flops: 7 },
        ],
      },
      { repeat: 1, dispatches: [double(2)] },
    ],
  };
  assertEquals(costOf(program), {
    dispatches: 1 + 10 * 2 + 1,
    flops: 10 * (30 + 7),
    bytes: 2 * 400 + 10 * (2 * 40 + 2 * 20) + 4,
    scratchBytes: 440,
    variableBytes: 400,
  });
});

Deno.test("trafficOf() is what a dispatch says that it moves, where it says so", () => {
  const dispatch = affine([1, 0], { size: 10 });
  assertEquals(trafficOf(dispatch), 80);
  assertEquals(trafficOf({ ...dispatch, traffic: 12 }), 12);
});

Deno.test("costOf() counts a view once that fills two places of a dispatch", () => {
  const dispatch = affine([1, 0], { size: 10 });
  const doubled = {
    ...dispatch,
    reads: [dispatch.reads[0]!, ...dispatch.reads],
  };
  assertEquals(trafficOf(dispatch), 80);
  assertEquals(trafficOf(doubled), 80);
});

Deno.test("costOf() finds nothing in an empty program", () => {
  const cost = costOf({ name: "empty", buffers: [], blocks: [] });
  assertEquals(Object.values(cost), [0, 0, 0, 0, 0]);
});
