// A download that ends without its file, and what is said of it.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { sha256 } from "../../src/data/dataset.ts";
import { download } from "../../src/data/download.ts";
import {
  assertWhole,
  breakOff,
  CONTENT,
  HALF,
  type Handler,
  well,
  withServer,
} from "../support/download_scene.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";

Deno.test("download() removes a file with the wrong SHA-256", () => {
  const wrong = CONTENT.slice();
  wrong[12_345]! ^= 1;
  return withServer([() => new Response(wrong), well], async (scene) => {
    const { remote } = scene;
    await assertRejects(
      () => scene.run(),
      Error,
      `Cannot use ${remote.url}: expected SHA-256 ${remote.sha256} but found ` +
        `${await sha256(wrong)}; the file was removed`,
    );
    assertEquals(await namesIn(scene.folder), []);
    await scene.run();
    await assertWhole(scene);
  });
});

Deno.test("download() keeps a verified file and removes a damaged one", () =>
  withServer([well], async (scene) => {
    await Deno.writeFile(scene.path, CONTENT);
    await scene.run();
    await assertWhole(scene);
    await Deno.truncate(scene.path, HALF);
    await assertRejects(() => scene.run(), Error, "the file was removed");
    assertEquals(await namesIn(scene.folder), []);
    assertEquals(scene.asked, []);
  }));

Deno.test("download() refuses a file that is not there, at once", () => {
  const missing: Handler = () => new Response("gone", { status: 404 });
  return withServer([missing], async (scene) => {
    await assertRejects(
      () => scene.run(),
      Error,
      `Cannot download ${scene.remote.url}: expected the file but found the ` +
        "answer 404 Not Found",
    );
    assertEquals(scene.asked.length, 1);
    assertEquals(await namesIn(scene.folder), []);
  });
});

Deno.test("download() refuses a file of another size, at once", () => {
  const page: Handler = () => new Response("Please sign in");
  return withServer([page], async (scene) => {
    await assertRejects(
      () => scene.run(),
      Error,
      "expected 300000 bytes but found 14 on the server",
    );
    assertEquals(scene.asked.length, 1);
  });
});

Deno.test("download() waits for a server that is busy", () => {
  const busy: Handler = () => new Response(null, { status: 503 });
  return withServer([busy, busy, well], async (scene) => {
    await scene.run();
    await assertWhole(scene);
    const retries = scene.reports.filter(({ stage }) => stage === "retrying");
    assertEquals(
      retries.map((retry) => retry.stage === "retrying" && retry.delay),
      [1, 2],
    );
  });
});

Deno.test("download() gives up when attempts get no further", () =>
  withServer([breakOff], async (scene) => {
    await assertRejects(
      () => scene.run({ retries: 2 }),
      Error,
      "expected 300000 bytes but found 150000",
    );
    // The server ignores ranges: the first failure got somewhere, none after.
    assertEquals(scene.asked.length, 3);
    assert((await namesIn(scene.folder)).includes("file.bin.part"));
  }));

Deno.test("download() gives up on a server that is not there", () =>
  withFolder(async (folder) => {
    const port = closedPort();
    const url = `http://127.0.0.1:${port}/file.bin`;
    const remote = { url, bytes: 10, sha256: "" };
    await assertRejects(
      () => download(remote, join(folder, "x"), { retries: 1, retryDelay: 1 }),
      Error,
      `Cannot download ${url}: expected 10 bytes but found 0 (`,
    );
    assertEquals(await namesIn(folder), []);
  }));

Deno.test({
  name: "download() says that the disk is full and keeps what it has",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withServer([well], async ({ remote, path, folder }) => {
      // A file on which every write fails for want of space. Only a process
      // with all permissions may open it.
      await Deno.symlink("/dev/full", `${path}.part`);
      const module = new URL("../../src/data/download.ts", import.meta.url);
      const program = `
        import { download } from ${JSON.stringify(module.href)};
        await download(${JSON.stringify(remote)}, ${JSON.stringify(path)})
          .catch((error) => console.log(error.message));
      `;
      const { stdout } = await new Deno.Command("deno", {
        args: ["eval", program],
        cwd: fromFileUrl(new URL("../..", import.meta.url)),
      }).output();
      assertEquals(
        new TextDecoder().decode(stdout),
        `Cannot write ${path}.part: expected free disk space but found none; ` +
          "what is complete was kept, so run again once there is space\n",
      );
      assert((await namesIn(folder)).includes("file.bin.part"));
    }),
});

/** A port on which nothing listens. */
function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
