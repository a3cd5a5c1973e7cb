// A program's kernels, each once: what a device compiles, and where it is first launched.

import { assert, assertEquals } from "@std/assert";
import type { Program } from "../../src/gpu/program.ts";
import { kernelsOf } from "../../bench/used_kernels.ts";
import { recipe } from "../../src/recipes/mod.ts";
import { applySettings } from "../../src/config/settings.ts";
import { compileTraining } from "../../src/step/compiled_step.ts";
import { affine, double } from "../support/programs.ts";

Deno.test("kernelsOf() lists each text once, with all of its launches", () => {
  const program: Program = {
    name: "two kernels",
    buffers: [{ label: "a", size: 1024 }, { label: "b", size: 1024 }],
    blocks: [
      { repeat: 1, dispatches: [affine([1, 0], { size: 256 })] },
      {
        repeat: 10,
        dispatches: [
          { ...affine([0, 1], { size: 256 }), flops: 5 },
          double(1),
          double(1),
        ],
      },
    ],
  };
  assertEquals(
    kernelsOf(program).map(({ name, first, count, flops }) => ({
      name,
      first,
      count,
      flops,
    })),
    [
      { name: "affine", first: 0, count: 11, flops: 50 },
      { name: "double", first: 2, count: 20, flops: 0 },
    ],
  );
});

Deno.test("layers that differ in sizes and epilogues alone share a SIMD kernel", () => {
  const widths = ["student.width=8", "teacher.width=8"];
  const experiment = applySettings(recipe("shapes/frpat"), widths);
  const { programs } = compileTraining(experiment, {
    count: 64,
    shape: { channels: 3, height: 32, width: 32 },
    classes: 10,
    adapterClass: "software",
    subgroupSize: 8,
  });
  const kernels = kernelsOf(programs.full);
  const named = (wanted: string) =>
    kernels.filter(({ name }) => name === wanted).length;
  assertEquals(named("conv_simd"), 2);
  assertEquals(named("conv_simd_winograd"), 1);
  assertEquals(named("conv_simd_stride2_input_gradient"), 1);
  assert(named("conv_simd_weight_gradient") <= 5);
});
