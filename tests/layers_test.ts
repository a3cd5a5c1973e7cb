// The architecture is a claim about imports, so it is checked on the imports
// themselves: every file is parsed, not searched, so that a comment or a shader
// cannot pass for an import, nor an import hide in an odd spelling.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { type Import, layerViolations } from "../tools/layers.ts";

const ROOT = new URL("../", import.meta.url);

/** What one file imports: specifier, and whether only types. */
function parse(path: string, text: string): Omit<Import, "from">[] {
  const found: Omit<Import, "from">[] = [];
  function add(to: string, typeOnly: boolean): void {
    found.push({ to, typeOnly });
  }
  const plugin: Deno.lint.Plugin = {
    name: "imports",
    rules: {
      collect: {
        create(context): Deno.lint.LintVisitor {
          return {
            ImportDeclaration: ({ source, importKind }) =>
              add(source.value, importKind === "type"),
            ExportAllDeclaration: ({ source, exportKind }) =>
              add(source.value, exportKind === "type"),
            ExportNamedDeclaration: ({ source, exportKind }) => {
              if (source) add(String(source.value), exportKind === "type");
            },
            ImportExpression: ({ source }) =>
              add(literal(context.sourceCode.getText(source)), false),
            TSImportType: (node) =>
              add(literal(context.sourceCode.getText(node)), true),
          };
        },
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, text);
  return found;
}

/** The first string literal in a piece of code; the code itself without one. */
function literal(code: string): string {
  return code.match(/(["'`])(.*?)\1/)?.[2] ?? code;
}

/** The imports of a file, relative specifiers resolved to project paths. */
function importsOf(path: string, text: string): Import[] {
  return parse(path, text).map(({ to, typeOnly }) => ({
    from: path,
    to: to.startsWith(".") ? projectPath(new URL(to, new URL(path, ROOT))) : to,
    typeOnly,
  }));
}

function projectPath(url: URL): string {
  return url.href.startsWith(ROOT.href)
    ? url.href.slice(ROOT.href.length)
    : url.href;
}

/** Every TypeScript file of the program, relative to the project. */
function* sources(folder = "src"): Iterable<string> {
  for (const entry of Deno.readDirSync(fromFileUrl(new URL(folder, ROOT)))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

Deno.test("the imports of src, cli.ts and mod.ts point down the layers", () => {
  const files = [...sources(), "cli.ts", "mod.ts"];
  const imports = files.flatMap((path) =>
    importsOf(path, Deno.readTextFileSync(new URL(path, ROOT)))
  );
  assert(imports.length > files.length / 2, "the parser found too few imports");
  assertEquals(layerViolations(imports), []);
});

Deno.test("importsOf() finds every form of import and nothing else", () => {
  const text = `
    // import "./comment.ts";
    import a, { type B } from "./value.ts";
    import type { C } from "../graph/type.ts";
    import "./effect.ts";
    import { D } from "@std/path";
    export { e } from "./named.ts";
    export type { F } from "./named_type.ts";
    export * from "./all.ts";
    export const text = 'import "./string.ts";';
    const g = await import("./dynamic.ts");
    const h = await import(specifier);
    type I = import("./inline.ts").I;
  `;
  assertEquals(
    importsOf("src/nn/a.ts", text),
    [
      ["src/nn/value.ts", false],
      ["src/graph/type.ts", true],
      ["src/nn/effect.ts", false],
      ["@std/path", false],
      ["src/nn/named.ts", false],
      ["src/nn/named_type.ts", true],
      ["src/nn/all.ts", false],
      ["src/nn/dynamic.ts", false],
      ["specifier", false],
      ["src/nn/inline.ts", true],
    ].map(([to, typeOnly]) => ({ from: "src/nn/a.ts", to, typeOnly })),
  );
});

/** An import, and what the message about it must say: nothing when allowed. */
const CASES: readonly [from: string, text: string, message?: string][] = [
  ["src/ops/a.ts", 'import { b } from "../graph/b.ts";'],
  ["src/ops/a.ts", 'import { WGSL } from "../wgsl/mod.gen.ts";'],
  ["src/data/a.ts", 'import { b } from "../base/b.ts";'],
  ["src/graph/a.ts", 'import type { B } from "../gpu/b.ts";'],
  ["src/trainer/trainer.ts", 'import { b } from "./recipes.ts";'],
  ["mod.ts", 'export { b } from "./src/nn/b.ts";'],
  ["cli.ts", 'import { b } from "@std/cli/parse-args";'],
  ["cli.ts", 'import { b } from "@std/path";'],
  ["src/gpu/a.ts", 'import { b } from "../graph/b.ts";', "point down, not up"],
  ["src/gpu/a.ts", 'import type { B } from "../ops/b.ts";', "not up"],
  ["src/ops/a.ts", 'export * from "../nn/b.ts";', "point down, not up"],
  [
    "src/nn/a.ts",
    'await import("../trainer/trainer.ts");',
    "point down, not up",
  ],
  ["src/trainer/trainer.ts", 'import { b } from "../../mod.ts";', "not up"],
  ["src/nn/a.ts", 'type B = import("../methods/b.ts").B;', "not up"],
  ["src/nn/a.ts", 'import { b } from "../data/b.ts";', "stay apart"],
  ["src/weights/a.ts", 'import { b } from "../methods/b.ts";', "apart"],
  ["src/graph/a.ts", 'import { b } from "../gpu/b.ts";', "only its types"],
  ["src/graph/a.ts", 'import { type B } from "../gpu/b.ts";', "only its types"],
  ["src/nn/a.ts", 'import { b } from "@std/path";', "may not use this package"],
  ["cli.ts", 'import { b } from "@std/assert";', "may not use this package"],
  ["cli.ts", 'import { b } from "npm:other";', "may not use this package"],
  ["mod.ts", 'import { b } from "jsr:@std/path";', "may not use this package"],
  ["src/nn/a.ts", 'import { b } from "node:fs";', "may not use this package"],
  ["src/nn/a.ts", 'import { b } from "../../tests/b.ts";', "in no layer"],
  ["src/nn/a.ts", "await import(name);", "in no layer"],
  ["tools/a.ts", 'import { b } from "../src/nn/b.ts";', "in no layer"],
];

for (const [from, text, message] of CASES) {
  const verb = message === undefined ? "allows" : "refuses";
  Deno.test(`layerViolations() ${verb} ${text} in ${from}`, () => {
    const found = layerViolations(importsOf(from, text));
    assertEquals(found.length, message === undefined ? 0 : 1, found.join());
    if (message !== undefined) assertStringIncludes(found[0] ?? "", message);
  });
}

Deno.test("layerViolations() names the files of a cycle", () => {
  const imports = [
    ...importsOf("src/nn/a.ts", 'import { b } from "./b.ts";'),
    ...importsOf("src/nn/b.ts", 'import { c } from "./c.ts";'),
    ...importsOf("src/nn/c.ts", 'export * from "./b.ts";'),
  ];
  assertEquals(layerViolations(imports), [
    "Imports form a cycle: src/nn/b.ts → src/nn/c.ts → src/nn/b.ts",
  ]);
});

Deno.test("layerViolations() names cycles of types, and every cycle", () => {
  const imports = [
    ...importsOf("src/nn/a.ts", 'import type { B } from "./b.ts";'),
    ...importsOf("src/nn/b.ts", 'import { a } from "./a.ts";'),
    ...importsOf("src/data/a.ts", 'export type A = import("./b.ts").B;'),
    ...importsOf("src/data/b.ts", 'import type { A } from "./a.ts";'),
  ];
  assertEquals(layerViolations(imports), [
    "Imports form a cycle: src/nn/a.ts → src/nn/b.ts → src/nn/a.ts",
    "Imports form a cycle: src/data/a.ts → src/data/b.ts → src/data/a.ts",
  ]);
});

Deno.test("layerViolations() does not take two ways to one file for a cycle", () => {
  const imports = [
    ...importsOf("src/nn/a.ts", 'import "./b.ts"; import "./c.ts";'),
    ...importsOf("src/nn/b.ts", 'import "./d.ts";'),
    ...importsOf("src/nn/c.ts", 'import "./d.ts";'),
  ];
  assertEquals(layerViolations(imports), []);
});
