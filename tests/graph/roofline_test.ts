// The roofline of a program of two dispatches, counted by hand.

import { assertEquals } from "@std/assert";
import type { Program } from "../../src/gpu/program.ts";
import { rooflineOf } from "../../src/graph/roofline.ts";
import { affine } from "../support/programs.ts";

const CARD = { teraflops: 2, gigabytes: 4 };

function programOf(...dispatches: Program["blocks"][0]["dispatches"]): Program {
  return { name: "test", buffers: [], blocks: [{ repeat: 3, dispatches }] };
}

Deno.test("rooflineOf() takes the longer of arithmetic and traffic, dispatch by dispatch", () => {
  const moving = { ...affine([0, 1], { size: 5 }), flops: 1, traffic: 8e9 };
  const computing = { ...affine([0, 1], { size: 5 }), flops: 4e12, traffic: 8 };
  assertEquals(rooflineOf(programOf(moving, computing), CARD), {
    seconds: 3 * (2 + 2),
    arithmetic: 0.5,
  });
});

Deno.test("rooflineOf() counts the arithmetic that a kernel does, not what it stands for", () => {
  const one = { ...affine([0, 1], { size: 5 }), traffic: 0 };
  const winograd = { ...one, flops: 8e12, arithmetic: 2e12 };
  assertEquals(rooflineOf(programOf(winograd), CARD).seconds, 3);
});

Deno.test("rooflineOf() of an empty program is 0", () => {
  assertEquals(rooflineOf(programOf(), CARD), { seconds: 0, arithmetic: 0 });
});
