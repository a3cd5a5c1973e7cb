// What Deno installs before the program begins: the packages that it finds by
// following imports from cli.ts. None of them draws.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { drawing } from "../../../src/cli/commands/drawing.ts";

/** The part of `deno info --json` that is looked at. */
interface ModuleGraph {
  readonly roots: readonly string[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      /** Where the import of code leads; types alone have none. */
      readonly code?: { readonly specifier?: string };
    }[];
  }[];
}

/** All that code imports from cli.ts on. */
async function imported(): Promise<ReadonlySet<string>> {
  const { stdout } = await new Deno.Command("deno", {
    args: ["info", "--json", "cli.ts"],
    cwd: fromFileUrl(new URL("../../../", import.meta.url)),
    stderr: "null",
  }).output();
  const graph: ModuleGraph = JSON.parse(new TextDecoder().decode(stdout));
  const modules = new Map(graph.modules.map((one) => [one.specifier, one]));
  const found = new Set(graph.roots);
  for (const specifier of found) {
    const target = graph.redirects[specifier] ?? specifier;
    for (const { code } of modules.get(target)?.dependencies ?? []) {
      if (code?.specifier) found.add(code.specifier);
    }
  }
  return found;
}

Deno.test("a command that draws nothing installs nothing that draws", async () => {
  const all = [...await imported()];
  assert(all.length > 200, `${all.length} modules`);
  assert(all.some((specifier) => specifier.startsWith("npm:")));
  const drawn = all.filter((specifier) =>
    /\/(vega|@resvg|dejavu)|png@[^/]+\/encode|\/src\/report\/(?!live_)/
      .test(specifier)
  );
  assertEquals(drawn, []);
});

Deno.test("drawing() loads what draws", async () => {
  assertEquals(typeof (await drawing("report")).report, "function");
  assertEquals(typeof (await drawing("runFigures")).runFigures, "function");
  assertEquals(typeof (await drawing("picture")).writePictures, "function");
  const { drawnCurves } = await drawing("trainingCurves");
  assertEquals(typeof drawnCurves, "function");
});
