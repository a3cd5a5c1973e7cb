// The package as somebody gets it who imports it from JSR: the files that
// `deno publish` would send, served as JSR serves them, imported by a process
// that knows nothing of this folder and has no permissions, and added to a new
// project as the README says.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join, toFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("../", import.meta.url));

/** Runs Deno in a folder and returns what it printed; throws where it fails. */
async function deno(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  if (!success) throw new Error(`deno ${args.join(" ")} failed:\n${said}`);
  return said;
}

/** Where Deno keeps npm packages, which no copy of JSR serves. */
async function npmCache(): Promise<string> {
  const { npmCache } = JSON.parse(await deno(ROOT, ["info", "--json"]));
  await Deno.mkdir(npmCache, { recursive: true });
  return npmCache;
}

/** The files that publishing the package of a folder would send. */
async function publishedFiles(folder: string): Promise<string[]> {
  const args = ["publish", "--dry-run", "--allow-dirty"];
  const said = await deno(folder, args);
  const root = toFileUrl(await Deno.realPath(folder)).href.replace(/\/*$/, "/");
  return [...said.matchAll(/^\s+(file:\S+) \(/gm)].map(([, url = ""]) =>
    url.replace(root, "")
  );
}

interface Package {
  readonly name: string;
  readonly version: string;
  /** Files by entry point: "." or "./nn". */
  readonly exports: Readonly<Record<string, string>>;
}

/** A registry like JSR's, on this machine, in memory. */
class Registry {
  readonly files: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const body = this.files.get(new URL(request.url).pathname);
      return body ? new Response(body) : new Response(null, { status: 404 });
    },
  );

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Publishes the package of a folder. */
  async publish(folder: string): Promise<Package> {
    const config = await Deno.readTextFile(join(folder, "deno.json"));
    const { name, version, exports } = JSON.parse(config) as Package;
    const manifest: Record<string, { size: number; checksum: string }> = {};
    for (const path of await publishedFiles(folder)) {
      const bytes = await Deno.readFile(join(folder, path));
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const checksum = `sha256-${hash.toHex()}`;
      manifest[`/${path}`] = { size: bytes.length, checksum };
      this.files.set(`/${name}/${version}/${path}`, bytes);
    }
    this.#addJson(`/${name}/meta.json`, {
      latest: version,
      versions: { [version]: {} },
    });
    this.#addJson(`/${name}/${version}_meta.json`, { manifest, exports });
    return { name, version, exports };
  }

  /** The names that an entry point of a package exports, in a fresh process. */
  async importedNames(
    { name, version }: Package,
    entry = ".",
  ): Promise<string[]> {
    using project = new Folder();
    await Deno.writeTextFile(
      project.path("program.ts"),
      `import * as all from "jsr:${name}@${version}${entry.slice(1)}";
      console.log(JSON.stringify(Object.keys(all)));`,
    );
    const said = await this.run(project, "program.ts", ["--no-config"]);
    return JSON.parse(said);
  }

  /** What a program of a project prints, which has no permissions. */
  async run(
    project: Folder,
    program: string,
    flags: readonly string[] = [],
  ): Promise<string> {
    const importing = `--allow-import=${new URL(this.url).host}`;
    const all = ["--quiet", "--no-prompt", importing, ...flags];
    return await this.deno(project, ["run", ...all, program]);
  }

  /** Runs Deno in a project that has this registry and a cache of its own. */
  async deno(project: Folder, args: readonly string[]): Promise<string> {
    const cache = project.path("cache");
    await Deno.mkdir(cache, { recursive: true });
    const npm = await npmCache();
    await Deno.symlink(npm, join(cache, "npm"), { type: "dir" })
      .catch((error) => {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      });
    const env = { JSR_URL: this.url, DENO_DIR: cache };
    return await deno(project.path("."), args, env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #addJson(path: string, value: unknown): void {
    this.files.set(path, new TextEncoder().encode(JSON.stringify(value)));
  }
}

/** A temporary folder. */
class Folder {
  readonly #made = Deno.makeTempDirSync({ prefix: "publish_test_" });

  path(name: string): string {
    return join(this.#made, name);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#made, { recursive: true });
  }
}

/** A package whose `mod.ts` takes what it exports from another file. */
async function smallPackage(
  folder: Folder,
  include: readonly string[],
): Promise<string> {
  const config = {
    name: "@test/small",
    version: "1.2.3",
    license: "MIT",
    exports: { ".": "./mod.ts" },
    publish: { include },
  };
  const files = {
    "deno.json": JSON.stringify(config),
    "mod.ts": 'export { answer } from "./other.ts";\n',
    "other.ts": "export const answer: number = 42;\n",
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(folder.path(name), text);
  }
  return folder.path(".");
}

Deno.test("the published package exports what its files export", async () => {
  await using registry = new Registry();
  const trainer = await registry.publish(ROOT);
  assertEquals(trainer.name, "@frpat/trainer");
  assert("." in trainer.exports, "there is no mod.ts");
  for (const [entry, file] of Object.entries(trainer.exports)) {
    const names = await registry.importedNames(trainer, entry);
    assert(names.length > 0, `${entry} exports nothing`);
    const module = await import(new URL(file, toFileUrl(ROOT)).href);
    assertEquals(names, Object.keys(module));
  }
});

Deno.test("the published package holds the library and nothing else", async () => {
  const files = await publishedFiles(ROOT);
  const known = /^(deno\.json|LICENSE|README\.md|mod\.ts|src\/.+\.ts)$/;
  assertEquals(files.filter((path) => !known.test(path)), []);
  for (const path of ["deno.json", "LICENSE", "README.md", "mod.ts"]) {
    assert(files.includes(path), `${path} is missing`);
  }
});

Deno.test("Registry.publish() serves a package that can be imported", async () => {
  using folder = new Folder();
  await using registry = new Registry();
  const source = await smallPackage(folder, ["mod.ts", "other.ts"]);
  const small = await registry.publish(source);
  assertEquals(await registry.importedNames(small), ["answer"]);
});

Deno.test("Registry.publish() vouches for every file by its checksum", async () => {
  using folder = new Folder();
  await using registry = new Registry();
  const source = await smallPackage(folder, ["mod.ts", "other.ts"]);
  const small = await registry.publish(source);
  const other = new TextEncoder().encode("export const answer: number = 43;\n");
  registry.files.set("/@test/small/1.2.3/other.ts", other);
  await assertRejects(
    () => registry.importedNames(small),
    Error,
    "Integrity check failed",
  );
});

Deno.test("Registry.publish() refuses a module that needs a file left out", async () => {
  using folder = new Folder();
  await using registry = new Registry();
  const source = await smallPackage(folder, ["mod.ts"]);
  await assertRejects(() => registry.publish(source), Error, "excluded-module");
});

Deno.test("importedNames() fails where a file is missing", async () => {
  using folder = new Folder();
  await using registry = new Registry();
  const source = await smallPackage(folder, ["mod.ts", "other.ts"]);
  const small = await registry.publish(source);
  registry.files.delete("/@test/small/1.2.3/other.ts");
  await assertRejects(() => registry.importedNames(small), Error, "other.ts");
});

Deno.test("a new project adds the package and runs the example of the README", async () => {
  using project = new Folder();
  await using registry = new Registry();
  const { name, version } = await registry.publish(ROOT);
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  const example = /^```ts\n(.+?)^```$/ms.exec(readme)?.[1];
  assert(example, "the README has no example");
  await Deno.writeTextFile(project.path("deno.json"), "{}");
  await Deno.writeTextFile(project.path("main.ts"), example);
  await registry.deno(project, ["add", "--quiet", `jsr:${name}`]);
  const config = JSON.parse(await Deno.readTextFile(project.path("deno.json")));
  assertEquals(config.imports, { [name]: `jsr:${name}@^${version}` });
  const said = await registry.run(project, "main.ts");
  assert(Number(said) > 0.9, said);
});
