// A program for compile_ahead_test.ts, since a driver looks for its cache when its process
// starts: compiles long kernels ahead on two cores, runs them, and prints how many of them
// another device compiled, and the results. With "failing", no other device opens.

import { compileAhead } from "../../src/gpu/compile_ahead.ts";
import { Device } from "../../src/gpu/device.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import type { Dispatch } from "../../src/gpu/program.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { programOf, readFloats } from "./programs.ts";

const NUMBERS = 64;

/** A kernel that takes a processor some tenths of a second to compile. */
function longKernel(buffer: number, steps: number): Dispatch {
  const step = "v = vec4f(sin(v.x), 0.0, 0.0, 0.0) * v.w + v.yzwx;";
  return {
    label: "long",
    kernel: {
      name: "long",
      constants: {},
      source: `
        @group(0) @binding(0) var<storage, read_write> y: array<f32>;
        @compute @workgroup_size(64)
        fn main(@builtin(global_invocation_id) id: vec3u) {
          var v = vec4f(y[id.x]);
          ${step.repeat(steps)}
          y[id.x] = v.x;
        }`,
    },
    reads: [],
    writes: [{ buffer, offset: 0, size: 4 * NUMBERS }],
    workgroups: [1, 1, 1],
  };
}

using device = await Device.open();
if (Deno.args[0] === "failing") {
  navigator.gpu.requestAdapter = () => Promise.resolve(null);
}
using memory = new Memory(device);
const y = new Variable("y", [NUMBERS]);
const dispatches = [100, 110, 120, 130].map((steps) => longKernel(0, steps));
using plan = await Plan.bind(programOf([y], dispatches), memory);
const shared = await compileAhead(device, { cores: 2 });
memory.write(y, Float32Array.from({ length: NUMBERS }, (_, i) => i / 100));
plan.run();
const values = [...await readFloats(memory, y)];
const answer = JSON.stringify({ shared, values });
await Deno.stdout.write(new TextEncoder().encode(answer));
