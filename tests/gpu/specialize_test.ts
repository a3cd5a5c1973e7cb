// Unrolling rewrites shaders as text, so each form of a marked loop is compared
// with the exact text that it must become, and one kernel with nested loops is run
// with and without the pass.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Kernel } from "../../src/gpu/program.ts";
import { specialize } from "../../src/gpu/specialize.ts";
import { affineKernel, runKernel } from "../support/programs.ts";

/** The text of a kernel, without the prelude's line for each constant. */
function unrolled(source: string, constants: Kernel["constants"] = {}): string {
  const text = specialize({ name: "test", source, constants });
  return text.split("\n").slice(Object.keys(constants).length).join("\n");
}

/** A marked loop over `i` with the given head and body. */
function loop(limit: string, body: string, step = "i++"): string {
  return `for (var i = 0u; i < ${limit}; ${step}) { // unroll\n${body}\n}`;
}

Deno.test("specialize() asks for half precision first, where a kernel is made for it", () => {
  const text = (constants: Kernel["constants"], declarations = "") =>
    specialize({
      name: "test",
      source: "fn main() {}",
      constants,
      declarations,
    });
  const asks = (text: string) => text.startsWith("enable f16;\n");
  assertEquals(asks(text({ Stored: "vec4h", Element: "vec4f" })), true);
  assertEquals(asks(text({ Element: "f32" }, "var y: array<f16>;")), true);
  assertEquals(asks(text({ Stored: "vec4f", Element: "vec4f" })), false);
});

Deno.test("specialize() puts constants, aliases and declarations in front", () => {
  const kernel: Kernel = {
    name: "test",
    source: "fn main() {}",
    constants: { TILE: 8, RELU: true, SCALE: 0.5, Element: "vec4f" },
    declarations: "struct Arguments { size: u32 }",
  };
  assertEquals(
    specialize(kernel),
    [
      "const TILE = 8;",
      "const RELU = true;",
      "const SCALE = 0.5;",
      "alias Element = vec4f;",
      "struct Arguments { size: u32 }",
      "fn main() {}",
    ].join("\n"),
  );
});

Deno.test("specialize() leaves loops alone that are not marked", () => {
  const source = "for (var i = 0u; i < 3u; i++) {\n  y[i] = x[i];\n}";
  assertEquals(unrolled(source), source);
});

Deno.test("specialize() writes a marked loop out, its counter as a literal", () => {
  assertEquals(
    unrolled(`a();\n${loop("2u", "  y[i] += index[i + 1u] * i_max;")}\nb();`),
    [
      "a();",
      "{\n  y[0u] += index[0u + 1u] * i_max;\n}",
      "{\n  y[1u] += index[1u + 1u] * i_max;\n}",
      "",
      "b();",
    ].join("\n"),
  );
});

Deno.test("specialize() keeps blocks inside a marked loop together", () => {
  assertEquals(
    unrolled(loop("2u", "if (i == 1u) { f({ i }); } else { g(); }")),
    "{\nif (0u == 1u) { f({ 0u }); } else { g(); }\n}\n" +
      "{\nif (1u == 1u) { f({ 1u }); } else { g(); }\n}\n",
  );
});

Deno.test("specialize() unrolls loops in loops, where the inner limit may be the outer counter", () => {
  const inner = "for (var j = 0u; j < i; j++) { // unroll\nf(i, j);\n}";
  assertEquals(
    unrolled(loop("3u", inner)).match(/f\(.*\)/g),
    ["f(1u, 0u)", "f(2u, 0u)", "f(2u, 1u)"],
  );
});

Deno.test("specialize() follows start, stride, sign and a declared type", () => {
  const source =
    "for (var k: i32 = 2; k < 9; k += 3) { // unroll, with a remark\nf(k);\n}";
  assertEquals(unrolled(source).match(/f\(.*\)/g), ["f(2)", "f(5)", "f(8)"]);
  assertEquals(unrolled(loop("0u", "f(i);")), "");
});

Deno.test("specialize() computes limits from constants and what a file derives from them", () => {
  const source = "const WIDTH: u32 = TILE / 4;\nconst AREA = WIDTH * WIDTH;\n";
  const trips = (limit: string): number =>
    unrolled(source + loop(limit, "f(i);"), { TILE: 11 })
      .match(/f\(/g)?.length ?? 0;
  assertEquals(trips("TILE"), 11);
  assertEquals(trips("WIDTH"), 2, "division truncates, as in WGSL");
  assertEquals(trips("AREA"), 4);
  assertEquals(trips("TILE % 4u"), 3);
  assertEquals(trips("TILE - 2u * (1u + WIDTH)"), 5);
  assertEquals(
    trips("12u / 2u / 3u"),
    2,
    "operators of one rank go left first",
  );
});

Deno.test("specialize() refuses a marked loop whose trip count it cannot know", () => {
  const limits = [
    "args.size",
    "UNKNOWN",
    "FLAG",
    "Element",
    "min(TILE, 2u)",
    "~TILE",
    "TILE << 1u",
    "(TILE",
    "TILE TILE",
  ];
  const constants = { TILE: 4, FLAG: true, Element: "f32" };
  for (const limit of limits) {
    assertThrows(
      () => unrolled(loop(limit, "f(i);"), constants),
      SyntaxError,
      `Cannot unroll test.wgsl: expected a constant trip count but found "${limit}"`,
    );
  }
});

Deno.test("specialize() refuses a marked loop that does not end", () => {
  assertThrows(
    () => unrolled("for (var i = 0u; i < 2u; i++) { // unroll\nif (a) {\n}"),
    SyntaxError,
    "Cannot unroll test.wgsl: a loop has no end",
  );
});

Deno.test("specialize() changes no result: a kernel runs as it does with its loops", async () => {
  // x has 16 elements; each output mixes loops, strides and a local array.
  const source = `
const ROWS = SIZE / 4u;
    @group(0) @binding(0) var<storage, read> x: array<f32>;
    @group(0) @binding(1) var<storage, read_write> y: array<f32>;
    @compute @workgroup_size(1)
    fn main(@builtin(global_invocation_id) id: vec3u) {
      var sums: array<f32, ROWS>;
      for (var r = 0u; r < ROWS; r++) { // unroll
        for (var c = 0u; c < 4u; c += 2u) { // unroll
          if (c < r || id.x > 3u) { sums[r] += x[4u * r + c] * f32(id.x + 1u); }
          else { sums[r] -= x[4u * r + c + 1u]; }
        }
      }
      for (var r = 0u; r < ROWS; r++) { // unroll
        y[id.x] += f32(r + 1u) * sums[r];
      }
    }`;
  const kernel: Kernel = { name: "mix", source, constants: { SIZE: 16 } };
  const plain = { ...kernel, source: source.replaceAll("// unroll", "") };
  assertStringIncludes(specialize(plain), "for (");
  assertEquals(specialize(kernel).includes("for ("), false);
  const x = Float32Array.from({ length: 16 }, (_, i) => 0.25 * i * i - 3);
  const expected = await runKernel(plain, { x, outputs: 8 });
  assertEquals(new Set(expected).size, 8, "the outputs differ from each other");
  assertEquals(await runKernel(kernel, { x, outputs: 8 }), expected);
});

Deno.test("specialize() gives equal text for equal kernels", () => {
  assertEquals(specialize(affineKernel), specialize({ ...affineKernel }));
});

Deno.test("specialize() leaves loops for GPUs alone where the adapter is a processor", () => {
  const source = "for (var d = 0u; d < 2u; d++) { // unroll on GPUs\n" +
    "for (var i = 0u; i < 2u; i++) { // unroll\nf(d, i);\n}\n}\n";
  const kernel = { name: "test", source, constants: {} };
  const kept = specialize(kernel, { keepsLoops: true });
  assertEquals(kept.match(/for \(/g)?.length, 1);
  assertEquals(kept.match(/f\(d, [01]u\)/g), ["f(d, 0u)", "f(d, 1u)"]);
  assertEquals(specialize(kernel).match(/f\([01]u, [01]u\)/g)?.length, 4);
});

Deno.test("specialize() gives loops that stay an end that is no constant", () => {
  const source = "struct Arguments {\n  // Rows.\n  rows: u32,\n}\n" +
    "for (var d = 0u; d < 2u; d++) { // unroll on GPUs\nf(d);\n}\n";
  const kernel = { name: "test", source, constants: {} };
  const kept = specialize(kernel, { keepsLoops: true });
  assertStringIncludes(kept, "d < 2u + (args.rows >> 31u); d++");
  assertEquals(specialize(kernel).match(/f\([01]u\)/g)?.length, 2);
});

Deno.test("specialize() writes out short loops everywhere where their mark says so", () => {
  const source =
    "for (var d = 0u; d < SIDE; d++) { // unroll on GPUs, up to 4 anywhere\n" +
    "f(d);\n}\n";
  const calls = (SIDE: number) =>
    specialize({ name: "test", source, constants: { SIDE } }, {
      keepsLoops: true,
    }).match(/f\(\du?\)/g)?.length ?? 0;
  assertEquals([calls(2), calls(4), calls(6)], [2, 4, 0]);
});
