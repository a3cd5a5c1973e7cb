// The embedding must be exact: a backslash lost in a shader's text would be
// found by nobody until the shader fails to compile, so the generated module
// is loaded here as the program loads it.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { embedded, readShaders } from "../../tools/embed_wgsl.ts";

const AWKWARD = new Map([
  ["plain", "// Adds.\nfn add(a: f32) -> f32 { return a + 1.0; }\n"],
  ["awkward-name", "a ` tick, a \\ slash, \\n, ${x}, $ {y}, $${z}, \r, \\`"],
  ["empty", ""],
]);

/** Loads the text of a module. */
async function load(text: string): Promise<Record<string, unknown>> {
  const url = "data:application/typescript," + encodeURIComponent(text);
  return await import(url);
}

Deno.test("embedded() makes a module that holds every shader exactly", async () => {
  const module = await load(embedded(AWKWARD));
  assertEquals(module["WGSL"], Object.fromEntries(AWKWARD));
});

Deno.test("embedded() types the names as a union", () => {
  const text = embedded(AWKWARD);
  assertStringIncludes(
    text,
    'export type ShaderName =\n  | "plain"\n  | "awkward-name"\n  | "empty";',
  );
});

Deno.test("embedded() makes a valid module of no shaders", async () => {
  const text = embedded(new Map());
  assertStringIncludes(text, "export type ShaderName = never;");
  assertEquals((await load(text))["WGSL"], {});
});

Deno.test("readShaders() reads the .wgsl files in order, with Unix line ends", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/b.wgsl`, "// B\r\nfn b() {}\r\n");
    await Deno.writeTextFile(`${folder}/a.wgsl`, "// A\n");
    await Deno.writeTextFile(`${folder}/notes.txt`, "not a shader");
    const shaders = readShaders(new URL(`file://${folder}/`));
    assertEquals([...shaders], [["a", "// A\n"], ["b", "// B\nfn b() {}\n"]]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("src/wgsl/mod.gen.ts holds the shaders of its folder", async () => {
  const folder = new URL("../../src/wgsl/", import.meta.url);
  const committed = await Deno.readTextFile(new URL("mod.gen.ts", folder));
  const shaders = readShaders(folder);
  assert(shaders.size > 0, "the folder has no shaders");
  assertEquals(
    committed.replaceAll("\r\n", "\n") === embedded(shaders),
    true,
    "run deno task wgsl",
  );
});
