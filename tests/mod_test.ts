// The size and the documentation of the public API, counted by Deno's own tools.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("../", import.meta.url));

async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  return decoder.decode(stdout);
}

interface Configuration {
  readonly exports: Readonly<Record<string, string>>;
}

async function entryPoints(): Promise<Configuration["exports"]> {
  const text = await Deno.readTextFile(`${ROOT}deno.json`);
  return (JSON.parse(text) as Configuration).exports;
}

interface Documentation {
  readonly nodes: Readonly<
    Record<string, { readonly symbols: readonly { readonly name: string }[] }>
  >;
}

Deno.test("mod.ts exports at most 40 names, types included", async () => {
  const said = JSON.parse(await deno("doc", "--json", "mod.ts"));
  const { nodes } = said as Documentation;
  const names = Object.values(nodes)
    .flatMap(({ symbols }) => symbols.map(({ name }) => name));
  assert(names.includes("Classifier"), "the documentation was not understood");
  assert(names.length <= 40, `${names.length}: ${names.join(", ")}`);
});

// Together, as the package is published: a type of one entry point may be documented
// at another one.
Deno.test("all entry points document every name", async () => {
  await deno("doc", "--lint", ...Object.values(await entryPoints()));
});

Deno.test("every namespace of mod.ts is an entry point of the package", async () => {
  const text = await Deno.readTextFile(`${ROOT}mod.ts`);
  const namespaces = [...text.matchAll(/export \* as (\w+) from "(.+)";/g)];
  const expected = namespaces.map(([, name, file]) => [`./${name}`, file]);
  assert(expected.length > 0);
  assertEquals(
    { ".": "./mod.ts", ...Object.fromEntries(expected) },
    await entryPoints(),
  );
});

Deno.test("the README's example has at most 30 lines", async () => {
  const text = await Deno.readTextFile(`${ROOT}README.md`);
  const examples = [...text.matchAll(/^```ts\n(.*?)^```$/gms)];
  assertEquals(examples.length, 1);
  const lines = examples[0]![1]!.trimEnd().split("\n");
  assert(lines.length <= 30, `${lines.length} lines`);
});
