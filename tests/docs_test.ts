// What docs/architecture.md says of files and imports, checked against them: a map
// that is wrong in one place is trusted in none.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { APART, LAYERS, PACKAGES, TYPES_ONLY } from "../tools/layers.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));
const SHOWN = Deno.readTextFileSync(`${ROOT}docs/architecture.md`);

/** The page without the code that it shows. */
const PAGE = SHOWN.replaceAll(/```.*?```/gs, "");

/** The page from a heading to the next one. */
function section(heading: string): string {
  const text = PAGE.split(/^## /m).find((part) => part.startsWith(heading));
  assert(text, `there is no section "${heading}"`);
  return text;
}

/** What stands between backticks. */
function quoted(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}

/** The paths and families of files, such as `src/ops/` or `src/run_*.ts`. */
function pathsIn(text: string): string[] {
  return quoted(text).filter((code) =>
    /^[\w.*/-]+$/.test(code) && /\/$|\.(ts|md|wgsl)$/.test(code)
  );
}

/** Every file below a folder, relative to the project. */
function* filesIn(folder: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(ROOT + folder)) {
    if (isDirectory) yield* filesIn(`${folder}${name}/`);
    else yield folder + name;
  }
}

/** Whether a path of the page stands for a file: as a folder or by its name. */
function covers(path: string, file: string): boolean {
  if (path.endsWith("/")) return file.startsWith(path);
  const parts = path.split("*").map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join("[^/]*")}$`).test(file);
}

const MAPPED = [
  ...["src/", "tests/", "examples/", "bench/", "tools/", "compat/"],
];
const FILES = [
  ...MAPPED.flatMap((folder) => [...filesIn(folder)]),
  "cli.ts",
  "mod.ts",
];

Deno.test("every file and folder that the architecture page names exists", () => {
  const paths = pathsIn(PAGE);
  assert(paths.length > 50, "the page names too few files");
  const missing = paths.filter((path) =>
    !FILES.some((file) => covers(path, file))
  );
  assertEquals(missing, []);
});

/** The rows of the map: layers, and folders or files. */
const MAP = [
  ...section("The map").matchAll(/^\| +(\d+) \| `([^`]+)` +\|/gm),
].map(([, layer, path]) => ({ layer: Number(layer), path: path! }));

Deno.test("the map of the architecture page has one place for every file of src", () => {
  const places = (file: string) => MAP.filter(({ path }) => covers(path, file));
  const sources = FILES.filter((file) => file.startsWith("src/"));
  assert(sources.length > 100, "too few files were found");
  assertEquals(sources.filter((file) => places(file).length !== 1), []);
});

Deno.test("the layers of the architecture page are those that are checked", () => {
  const expected = LAYERS.flatMap((paths, layer) =>
    paths.map((path) => ({ layer, path }))
  );
  const sorted = MAP.toSorted((a, b) => a.layer - b.layer);
  assertEquals(sorted, expected);
});

Deno.test("the architecture page shows the first example as it is", () => {
  const [, code] = SHOWN.match(/```ts\n(.*?)```/s)!;
  assertStringIncludes(
    Deno.readTextFileSync(`${ROOT}examples/training_step.ts`),
    code!,
  );
});

/** Whether a file imports another, or names it as a kernel. */
function leadsTo(file: string, next: string): boolean {
  const name = next.endsWith(".wgsl")
    ? `"${next.replace(/.*\/|\.wgsl$/g, "")}"`
    : `/${next.replace(/.*\//, "")}"`;
  return Deno.readTextFileSync(ROOT + file).includes(name);
}

Deno.test("the way to a kernel of the architecture page leads by imports", () => {
  const [, ...ways] = section("From `deno task train`").split(/^\d\. |\n\n/m);
  const [first, ...files] = pathsIn(ways.join());
  const seen = [first!];
  for (const file of files) {
    const starts = file === "src/nn/resnet.ts"; // The second way begins here.
    const found = starts || seen.some((one) => leadsTo(one, file));
    assert(found, `no file before ${file} leads there`);
    seen.push(file);
  }
});

/** The lists of what follows a phrase at the start of a list item. */
function items(phrase: string): string[][] {
  const text = section("The map").replaceAll(/\n {2}/g, " ");
  const lines = text.matchAll(new RegExp(`^- ${phrase}(.+)$`, "gm"));
  return [...lines].map(([, rest]) => quoted(rest!));
}

Deno.test("the exceptions of the architecture page are those that are checked", () => {
  assertEquals(
    items("Apart from each other:"),
    APART.map((folders) => [...folders]),
  );
  assertEquals(
    items("Types only:"),
    TYPES_ONLY.map(({ from, to }) => [from, to]),
  );
});

Deno.test("the packages of the architecture page are those that are allowed", () => {
  const [named = []] = items("Packages, each in one file:");
  const files = named.filter((code) => code in PACKAGES);
  assertEquals(files, Object.keys(PACKAGES));
  let waiting: string[] = [];
  for (const code of named) {
    const allowed = PACKAGES[code];
    if (!allowed) {
      waiting.push(code);
      continue;
    }
    assert(waiting.length > 0, `no package stands before ${code}`);
    assertEquals(waiting.filter((name) => !allowed.test(name)), []);
    waiting = [];
  }
  assertEquals(waiting, []);
});

Deno.test("the architecture page names tasks that there are", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const named = quoted(PAGE).flatMap((code) =>
    code.match(/^deno task (\S+)/)?.[1] ?? []
  );
  assert(named.length > 0);
  assertEquals(named.filter((task) => !(task in tasks)), []);
});
