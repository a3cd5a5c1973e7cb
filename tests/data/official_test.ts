// The official archives are too large to download here: a small one in exactly
// their layout stands in, served from this machine.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { loadCifar10 } from "../../src/data/cifar.ts";
import { sha256 } from "../../src/data/dataset.ts";
import {
  type Archive,
  obtain,
  OFFICIAL_ARCHIVES,
} from "../../src/data/official.ts";
import { type Entry, tarGz } from "../support/tar_writer.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";

interface Scene {
  readonly archive: Archive;
  /** The archive itself. */
  readonly packed: Uint8Array;
  readonly base: string;
  readonly cache: string;
  /** The path of every request so far. */
  readonly asked: readonly string[];
  /** Runs when a request comes, before it is answered. */
  beforeAnswer: () => Promise<void>;
}

/** Two images in each training file and one in the test file. */
function cifar10Entries(): readonly Entry[] {
  const folder = OFFICIAL_ARCHIVES.cifar10.folder;
  const files = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
  return [
    { name: `${folder}/`, type: "5" },
    ...files.map((file) => (
      { name: `${folder}/${file}`, content: new Uint8Array(2 * 3073) }
    )),
    { name: `${folder}/test_batch.bin`, content: new Uint8Array(3073) },
    {
      name: `${folder}/readme.html`,
      content: new TextEncoder().encode("<p>hello</p>"),
    },
  ];
}

async function withServer(
  body: (scene: Scene) => Promise<void>,
): Promise<void> {
  const packed = await tarGz(cifar10Entries());
  const archive: Archive = {
    ...OFFICIAL_ARCHIVES.cifar10,
    bytes: packed.length,
    sha256: await sha256(packed),
  };
  const asked: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async ({ url }) => {
      asked.push(new URL(url).pathname);
      await scene.beforeAnswer();
      return new Response(packed, { headers: { ETag: '"one"' } });
    },
  );
  const base = `http://127.0.0.1:${server.addr.port}/mirror`;
  let scene!: Scene;
  await withFolder(async (folder) => {
    const cache = join(folder, "new", "cache");
    const beforeAnswer = (): Promise<void> => Promise.resolve();
    scene = { archive, packed, base, cache, asked, beforeAnswer };
    await body(scene);
  });
}

const LEFT = ["cifar-10-batches-bin", "cifar-10-binary.tar.gz.lock"];

Deno.test("obtain() downloads and unpacks once", () =>
  withServer(async ({ archive, base, cache, asked }) => {
    const stages: string[] = [];
    const onProgress = ({ stage }: { readonly stage: string }): void => {
      if (stages.at(-1) !== stage) stages.push(stage);
    };
    const folder = await obtain(archive, { base, cache, onProgress });
    assertEquals(folder, `${cache}/cifar-10-batches-bin`);
    assertEquals(stages, ["downloading", "verifying", "unpacking"]);
    assertEquals(asked, ["/mirror/cifar-10-binary.tar.gz"]);
    assertEquals(await namesIn(cache), LEFT);
    const { train, test } = await loadCifar10(folder);
    assertEquals([train.count, test.count], [10, 1]);

    assertEquals(await obtain(archive, { base, cache }), folder);
    assertEquals(asked.length, 1);
  }));

Deno.test("obtain() takes a base address with or without a slash", () =>
  withServer(async ({ archive, base, cache, asked }) => {
    await obtain(archive, { base: `${base}/`, cache });
    assertEquals(asked, ["/mirror/cifar-10-binary.tar.gz"]);
  }));

Deno.test("obtain() uses an archive that was put into the cache", () =>
  withServer(async ({ archive, packed, base, cache, asked }) => {
    await Deno.mkdir(cache, { recursive: true });
    await Deno.writeFile(join(cache, archive.file), packed);
    await obtain(archive, { base, cache });
    assertEquals(asked, []);
    assertEquals(await namesIn(cache), LEFT);
  }));

Deno.test("obtain() waits while another call obtains the same archive", () =>
  withServer(async (scene) => {
    const { archive, base, cache, asked } = scene;
    // The first call's request is answered once the second call waits.
    const waits = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    scene.beforeAnswer = () => {
      arrived.resolve();
      return waits.promise;
    };
    const first = obtain(archive, { base, cache });
    await arrived.promise;
    const second = obtain(archive, {
      base,
      cache,
      onProgress: ({ stage }) => {
        assertEquals(stage, "waiting");
        waits.resolve();
      },
    });
    assertEquals(await first, await second);
    assertEquals(asked.length, 1);
    assertEquals(await namesIn(cache), LEFT);
  }));

Deno.test("obtain() is safe in two processes at once", () =>
  withServer(async ({ archive, base, cache, asked }) => {
    const module = new URL("../../src/data/official.ts", import.meta.url);
    const program = `
      import { obtain } from ${JSON.stringify(module.href)};
      const options = ${JSON.stringify({ base, cache })};
      console.log(await obtain(${JSON.stringify(archive)}, options));
    `;
    const run = (): Promise<Deno.CommandOutput> =>
      new Deno.Command("deno", {
        args: ["eval", program],
        cwd: fromFileUrl(new URL("../..", import.meta.url)),
      }).output();
    for (const { stdout } of await Promise.all([run(), run()])) {
      const folder = `${cache}/cifar-10-batches-bin\n`;
      assertEquals(new TextDecoder().decode(stdout), folder);
    }
    assertEquals(asked.length, 1);
    assertEquals(await namesIn(cache), LEFT);
  }));

Deno.test("obtain() keeps a verified archive that cannot be unpacked", () =>
  withServer(async ({ archive, base, cache, asked }) => {
    const other = { ...archive, folder: "another-folder" };
    await assertRejects(
      () => obtain(other, { base, cache }),
      Error,
      "expected files in its folder another-folder but found none",
    );
    assert((await namesIn(cache)).includes(archive.file));
    await obtain(archive, { base, cache });
    assertEquals(asked.length, 1);
  }));

Deno.test("obtain() says that the cache folder cannot be made", () =>
  withServer(async ({ archive, base, cache }) => {
    await Deno.mkdir(join(cache, ".."), { recursive: true });
    await Deno.writeTextFile(cache, "a file in its place");
    await assertRejects(
      () => obtain(archive, { base, cache }),
      Error,
      `Cannot write ${cache}: expected a writable folder but found "File exists`,
    );
    assertEquals(await Deno.readTextFile(cache), "a file in its place");
  }));
