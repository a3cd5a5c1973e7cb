// What stands between a kernel's text and the device: its arguments' layout, one
// pipeline per distinct text, and compile errors that say where.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Device } from "../../src/gpu/device.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { argumentFields, packArguments } from "../../src/gpu/pipeline.ts";
import { Plan } from "../../src/gpu/plan.ts";
import type { Dispatch, Kernel, Program } from "../../src/gpu/program.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { testDevice } from "../support/check_op.ts";
import {
  affineKernel,
  double,
  doubleKernel,
  programOf,
} from "../support/programs.ts";

Deno.test("argumentFields() reads the fields of the struct in order", () => {
  assertEquals(
    argumentFields(`
      struct Other { no: u32 }
      struct Arguments {
        size: u32, // elements
        offset: i32,
        scale: f32,
      }`),
    [
      { name: "size", type: "u32" },
      { name: "offset", type: "i32" },
      { name: "scale", type: "f32" },
    ],
  );
  assertEquals(argumentFields("fn main() {}"), []);
});

Deno.test("packArguments() writes fields in the struct's order and types", () => {
  const fields = argumentFields(
    "struct Arguments { a: u32, b: f32, c: i32, d: u32, e: f32 }",
  );
  const values = { e: -0.5, d: 4294967295, c: -2, b: 1.5, a: 7 };
  const bytes = packArguments({ label: "test", arguments: values }, fields);
  assertEquals(bytes.byteLength, 32, "a multiple of 16");
  assertEquals(new Uint32Array(bytes)[0], 7);
  assertEquals(new Float32Array(bytes)[1], 1.5);
  assertEquals(new Int32Array(bytes)[2], -2);
  assertEquals(new Uint32Array(bytes)[3], 4294967295);
  assertEquals(new Float32Array(bytes)[4], -0.5);
});

Deno.test("packArguments() refuses missing and extra values", () => {
  const fields = argumentFields("struct Arguments { size: u32, scale: f32 }");
  const wrong: Record<string, number>[] = [
    {},
    { size: 1 },
    { size: 1, scale: 1, more: 1 },
    { size: 1, scales: 1 },
  ];
  for (const values of wrong) {
    assertThrows(
      () => packArguments({ label: "sum 8", arguments: values }, fields),
      TypeError,
      "Cannot pack arguments of sum 8: expected {scale, size} but found {",
    );
  }
});

Deno.test("packArguments() refuses numbers that their field cannot hold", () => {
  const pack = (type: string, value: number) =>
    packArguments(
      { label: "sum 8", arguments: { n: value } },
      argumentFields(`struct Arguments { n: ${type} }`),
    );
  for (const value of [1.5, NaN, Infinity, -1, 2 ** 32]) {
    assertThrows(
      () => pack("u32", value),
      TypeError,
      `Cannot pack argument n of sum 8: expected u32 but found ${value}`,
    );
  }
  for (const value of [1.5, NaN, 2 ** 31, -(2 ** 31) - 1]) {
    assertThrows(() => pack("i32", value), TypeError, "expected i32");
  }
  const held: [string, number, number][] = [
    ["u32", 2 ** 32 - 1, 0xffffffff],
    ["i32", -(2 ** 31), 0x80000000],
    ["f32", Infinity, 0x7f800000],
  ];
  for (const [type, value, word] of held) {
    assertEquals(new Uint32Array(pack(type, value))[0], word);
  }
});

Deno.test("PipelineCache.get() compiles equal kernels once", async () => {
  using device = await Device.open();
  const { pipelines } = device;
  const compiled: string[] = [];
  pipelines.onCompile = ({ kernel }) => compiled.push(kernel);
  const first = pipelines.get(affineKernel, { reads: 1, writes: 1 });
  assert(pipelines.get({ ...affineKernel }, { reads: 1, writes: 1 }) === first);
  assertEquals([pipelines.size, ...compiled], [1, "affine"]);
  const tuned = { ...affineKernel, constants: { TILE: 8 } };
  assert(pipelines.get(tuned, { reads: 1, writes: 1 }) !== first);
  pipelines.get(doubleKernel, { reads: 0, writes: 1 });
  assertEquals(compiled, ["affine", "affine", "double"]);
  await pipelines.verified();
});

Deno.test("PipelineCache.expect() counts the kernels that a program still needs", async () => {
  using device = await Device.open();
  const { pipelines } = device;
  const told: string[] = [];
  pipelines.onCompile = ({ program, kernel, number, of }) =>
    told.push(`${program}: ${kernel}, ${number} of ${of}`);
  const dispatch = (kernel: Kernel, reads: number): Dispatch => ({
    label: kernel.name,
    kernel,
    reads: Array.from(
      { length: reads },
      () => ({ buffer: 0, offset: 0, size: 4 }),
    ),
    writes: [{ buffer: 1, offset: 0, size: 4 }],
    workgroups: [1, 1, 1],
  });
  const dispatches = [
    dispatch(affineKernel, 1),
    dispatch(doubleKernel, 0),
    dispatch({ ...affineKernel }, 1),
  ];
  const program: Program = {
    name: "a step",
    buffers: [],
    blocks: [{ repeat: 1, dispatches }],
  };
  pipelines.expect([program]);
  pipelines.get(affineKernel, { reads: 1, writes: 1 });
  pipelines.get(doubleKernel, { reads: 0, writes: 1 });
  pipelines.expect([program, program]);
  pipelines.get({ ...affineKernel, constants: { TILE: 8 } }, {
    reads: 1,
    writes: 1,
  });
  assertEquals(told, [
    "a step: affine, 1 of 2",
    "a step: double, 2 of 2",
    "a step: affine, 1 of 1",
  ]);
  await pipelines.verified();
});

const BROKEN = {
  ...doubleKernel,
  name: "broken",
  source: doubleKernel.source.replace("2.0", "missing_name"),
  constants: { TILE: 8, RELU: true },
};

Deno.test("Plan.bind() names the file, the constants and the complaint of a bad shader", async () => {
  using memory = new Memory(await testDevice());
  const program = programOf([new Variable("x", [1])], [
    { ...double(0), kernel: BROKEN },
  ]);
  // The second time too, although the text has been seen before.
  for (let attempt = 0; attempt < 2; attempt++) {
    const error = await assertRejects(
      () => Plan.bind(program, memory),
      SyntaxError,
      "Cannot compile broken.wgsl with TILE = 8, RELU = true:\n",
    );
    assertStringIncludes(error.message, "missing_name");
  }
  memory.device.check();
});
