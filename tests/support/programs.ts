// Small kernels and programs for the tests of this folder, which know nothing of
// tensors and operations.

import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import type { Dispatch, Kernel, Program } from "../../src/gpu/program.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { testDevice } from "./check_op.ts";

/** y[i] = factor x[i] + summand. */
export const affineKernel: Kernel = {
  name: "affine",
  constants: {},
  source: `
    struct Arguments { size: u32, factor: f32, summand: f32 }
    @group(0) @binding(0) var<storage, read> x: array<f32>;
    @group(0) @binding(1) var<storage, read_write> y: array<f32>;
    @group(0) @binding(2) var<uniform> args: Arguments;
    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3u) {
      if (id.x < args.size) { y[id.x] = args.factor * x[id.x] + args.summand; }
    }`,
};

/** x[0] = 2 x[0] + 1: what it leaves tells how often it ran. */
export const doubleKernel: Kernel = {
  name: "double",
  constants: {},
  source: `
    @group(0) @binding(0) var<storage, read_write> x: array<f32>;
    @compute @workgroup_size(1) fn main() { x[0] = 2.0 * x[0] + 1.0; }`,
};

/** A dispatch of {@linkcode affineKernel} from one of the program's buffers to another. */
export function affine(
  [from, to]: readonly [number, number],
  { size, factor = 1, summand = 0, label = "affine" }: {
    readonly size: number;
    readonly factor?: number;
    readonly summand?: number;
    readonly label?: string;
  },
): Dispatch {
  return {
    label,
    kernel: affineKernel,
    reads: [{ buffer: from, offset: 0, size: 4 * size }],
    writes: [{ buffer: to, offset: 0, size: 4 * size }],
    arguments: { size, factor, summand },
    workgroups: [Math.ceil(size / 64), 1, 1],
  };
}

/** A dispatch of {@linkcode doubleKernel} on one of the program's buffers. */
export function double(buffer: number): Dispatch {
  return {
    label: "double",
    kernel: doubleKernel,
    reads: [],
    writes: [{ buffer, offset: 0, size: 4 }],
    workgroups: [1, 1, 1],
  };
}

/** A program that runs its dispatches once, on variables and scratch of given sizes. */
export function programOf(
  buffers: readonly (Variable | number)[],
  dispatches: readonly Dispatch[],
): Program {
  return {
    name: "test program",
    buffers: buffers.map((buffer, i) =>
      typeof buffer === "number"
        ? { label: `scratch ${i}`, size: 4 * buffer }
        : { label: buffer.name, size: buffer.byteLength, variable: buffer }
    ),
    blocks: [{ repeat: 1, dispatches }],
  };
}

/** What a kernel with one input and one output makes of `x`, one workgroup per element. */
export async function runKernel(
  kernel: Kernel,
  { x, outputs }: {
    readonly x: Float32Array<ArrayBuffer>;
    readonly outputs: number;
  },
): Promise<Float32Array> {
  const device = await testDevice();
  const input = new Variable("x", [x.length]);
  const output = new Variable("y", [outputs]);
  const program = programOf([input, output], [{
    label: kernel.name,
    kernel,
    reads: [{ buffer: 0, offset: 0, size: 4 * x.length }],
    writes: [{ buffer: 1, offset: 0, size: 4 * outputs }],
    workgroups: [outputs, 1, 1],
  }]);
  using memory = new Memory(device);
  memory.write(input, x);
  using plan = await Plan.bind(program, memory);
  plan.run();
  return await readFloats(memory, output);
}

/** The contents of an f32 variable. */
export async function readFloats(
  memory: Memory,
  variable: Variable,
): Promise<Float32Array> {
  const [bytes] = await memory.read([variable]);
  return new Float32Array(bytes!);
}
