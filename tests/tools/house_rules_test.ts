// A lint rule that never fires looks like a clean project, so each rule is
// shown what it must find and what it must leave alone.

import { assertEquals } from "@std/assert";
import plugin from "../../tools/house_rules.ts";

/** The ids of what the rules find in this text, as a file of this path. */
function findings(path: string, text: string): string[] {
  return Deno.lint.runPlugin(plugin, path, `// An idea.\n${text}`)
    .map(({ id }) => id);
}

const CALLS = [
  "device.createBuffer({ size: 4, usage: 0 });",
  "staging.mapAsync(1);",
  "this.gpu.queue.writeBuffer(buffer, 0, data);",
  'staging["mapAsync"](1);',
  "const map = staging.mapAsync;",
];

for (const call of CALLS) {
  Deno.test(`house/gpu-calls finds ${call}`, () => {
    for (const path of ["/p/src/nn/layers.ts", "/p/cli.ts", "/p/bench/x.ts"]) {
      assertEquals(findings(path, call), ["house/gpu-calls"], path);
    }
  });

  Deno.test(`house/gpu-calls allows src/gpu to write ${call}`, () => {
    assertEquals(findings("/p/src/gpu/device.ts", call), []);
    assertEquals(findings("/p/tests/gpu/device_test.ts", call), []);
  });
}

Deno.test("house/gpu-calls leaves other calls alone", () => {
  const text = 'plan.run(); memory.write(x, y); console["log"]("mapAsync");';
  assertEquals(findings("/p/src/trainer.ts", text), []);
});

Deno.test("house/idea finds a source file that does not open with a comment", () => {
  const open = (path: string, text: string): string[] =>
    Deno.lint.runPlugin(plugin, path, text).map(({ id }) => id);
  assertEquals(open("/p/src/a.ts", "export {};\n"), ["house/idea"]);
  assertEquals(open("/p/src/a.ts", "// What it is.\nexport {};\n"), []);
  assertEquals(open("/p/cli.ts", "/**\n * What it is.\n */\nexport {};\n"), []);
  assertEquals(open("/p/tests/a_test.ts", "export {};\n"), []);
});

Deno.test("house/file-length finds source files of more than 300 lines", () => {
  const lines = (count: number): string => "export {};\n".repeat(count - 1);
  for (const path of ["/p/src/a.ts", "/p/tools/a.ts", "/p/cli.ts"]) {
    assertEquals(findings(path, lines(300)), []);
    assertEquals(findings(path, lines(301)), ["house/file-length"]);
  }
  for (const path of ["/p/tests/a_test.ts", "/p/src/wgsl/mod.gen.ts"]) {
    assertEquals(findings(path, lines(301)), []);
  }
});

Deno.test("house/function-length finds functions of more than 40 lines", () => {
  const long = (head: string, lines: number): string =>
    `${head}{\n${"  work();\n".repeat(lines - 2)}}`;
  const heads: readonly (readonly [string, string])[] = [
    ["function f() ", ""],
    ["export const f = () => ", ";"],
    ["class A { f() ", "}"],
  ];
  for (const [head, tail] of heads) {
    assertEquals(findings("/p/src/a.ts", long(head, 40) + tail), []);
    const found = findings("/p/src/a.ts", long(head, 41) + tail);
    assertEquals(found, ["house/function-length"], head);
  }
});

const POSITIONAL: readonly [parameters: string, isFound: boolean][] = [
  ["a: number, b: string", false],
  ["a: number, b: string, c: string", true],
  ['a: number, b: string, c = "x"', true],
  ["a: number, b: string, c?: readonly string[]", true],
  ["a: number, b: string, { c }: { c: string }", false],
  ["a: number, b: string, { c, d = 1 }: A & B = {}", false],
  ["a: number, b: string, options: { readonly c: string }", false],
  ["a: number, b: string, options?: Pick<Options, 'c'>", false],
  ["a: number, b: string, call: (c: string) => void", false],
  ["a: number, b: string, c: number, options: Options", true],
  ["x: Tensor, w: Operand, b: readonly Tensor[], stride: number", false],
  ["x: Tensor, a: number, b: string, c: number", true],
];

for (const [parameters, isFound] of POSITIONAL) {
  const verb = isFound ? "finds" : "allows";
  Deno.test(`house/positional ${verb} (${parameters})`, () => {
    const expected = isFound ? ["house/positional"] : [];
    const texts = [
      `export function f(${parameters}) {}`,
      `class A { f(${parameters}) {} }`,
      `class A { constructor(${parameters}) {} }`,
    ];
    for (const text of texts) {
      assertEquals(findings("/p/src/a.ts", text), expected, text);
    }
    const inner = [
      `function f(${parameters}) {}`,
      `class A { #f(${parameters}) {} }`,
      `class A { private f(${parameters}) {} }`,
      `list.sort(function (${parameters}) {});`,
    ];
    for (const text of inner) {
      assertEquals(findings("/p/src/a.ts", text), [], text);
    }
  });
}
