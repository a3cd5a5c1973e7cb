// Every fault is played by a local server. Where the moment matters, the server
// breaks off only after the client has reported the bytes it received, so that
// no test depends on timing.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { sha256 } from "../../src/data/dataset.ts";
import {
  download,
  type DownloadOptions,
  type DownloadProgress,
  type RemoteFile,
} from "../../src/data/download.ts";
import { words } from "../../src/base/random_sequence.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";

const CONTENT = new Uint8Array(
  words({ seed: 0, stream: "download", step: 0 }, 75_000).buffer,
);
const HALF = CONTENT.length / 2;
const TAG = '"one"';

/** What a request asked for, as far as these tests care. */
interface Asked {
  readonly range: string | null;
  readonly ifRange: string | null;
}

interface Scene {
  readonly remote: RemoteFile;
  readonly folder: string;
  readonly path: string;
  /** Every request so far. */
  readonly asked: readonly Asked[];
  /** Every progress report so far. */
  readonly reports: readonly DownloadProgress[];
  /** `download()` of the scene's file, with short times. */
  run(options?: DownloadOptions, from?: RemoteFile): Promise<void>;
  /** Resolves once the client has reported that many bytes. */
  received(bytes: number): Promise<void>;
}

type Handler = (asked: Asked, scene: Scene) => Response | Promise<Response>;

/**
 * Runs `body` with a server that answers request n with handler n, and all
 * later ones with the last.
 */
async function withServer(
  handlers: readonly Handler[],
  body: (scene: Scene) => Promise<void>,
): Promise<void> {
  const asked: Asked[] = [];
  const reports: DownloadProgress[] = [];
  const waiting: { bytes: number; resolve: () => void }[] = [];
  const onProgress = (progress: DownloadProgress): void => {
    reports.push(progress);
    if (progress.stage !== "downloading") return;
    for (const { bytes, resolve } of waiting) {
      if (progress.received >= bytes) resolve();
    }
  };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ headers }) => {
      const request = {
        range: headers.get("Range"),
        ifRange: headers.get("If-Range"),
      };
      asked.push(request);
      const handler = handlers[Math.min(asked.length, handlers.length) - 1]!;
      return handler(request, scene);
    },
  );
  const remote: RemoteFile = {
    url: `http://127.0.0.1:${server.addr.port}/file.bin`,
    bytes: CONTENT.length,
    sha256: await sha256(CONTENT),
  };
  let scene!: Scene;
  await withFolder(async (folder) => {
    const path = join(folder, "file.bin");
    const quick = { onProgress, stallTimeout: 10_000, retryDelay: 1 };
    scene = {
      remote,
      folder,
      path,
      asked,
      reports,
      run: (options, from = remote) =>
        download(from, path, { ...quick, ...options }),
      received: (bytes) =>
        new Promise((resolve) => waiting.push({ bytes, resolve })),
    };
    await body(scene);
  });
}

/** A server as it should be. */
function well({ range, ifRange }: Asked): Response {
  const headers = new Headers({ ETag: TAG });
  const start = Number(range?.match(/^bytes=(\d+)-$/)?.[1] ?? 0);
  if (range === null || ifRange !== TAG) {
    return new Response(CONTENT, { headers });
  }
  const last = CONTENT.length - 1;
  headers.set("Content-Range", `bytes ${start}-${last}/${CONTENT.length}`);
  return new Response(CONTENT.subarray(start), { status: 206, headers });
}

/** Sends the first half and, once the client has it, ends or falls silent. */
function half(
  { then, headers = { ETag: TAG } }: {
    readonly then: "end" | "silence";
    readonly headers?: HeadersInit;
  },
): Handler {
  return (_asked, { received }) => {
    const body = new ReadableStream({
      async start(controller) {
        const arrived = received(HALF);
        controller.enqueue(CONTENT.slice(0, HALF));
        await arrived;
        if (then === "end") controller.close();
      },
    });
    return new Response(body, { headers });
  };
}

const breakOff = half({ then: "end" });

async function assertWhole({ path, folder }: Scene): Promise<void> {
  assertEquals(await Deno.readFile(path), CONTENT);
  assertEquals(await namesIn(folder), ["file.bin"]);
}

Deno.test("download() receives, reports and verifies a file", () =>
  withServer([well], async (scene) => {
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked, [{ range: null, ifRange: null }]);
    const { reports } = scene;
    const total = CONTENT.length;
    assertEquals(reports[0], { stage: "downloading", received: 0, total });
    assertEquals(reports.at(-2), {
      stage: "downloading",
      received: total,
      total,
    });
    assertEquals(reports.at(-1), { stage: "verifying" });
  }));

Deno.test("download() asks for the rest only after a broken connection", () =>
  withServer([breakOff, well], async (scene) => {
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked[1], { range: `bytes=${HALF}-`, ifRange: TAG });
    assertEquals(scene.asked.length, 2);
    const retry = scene.reports.find(({ stage }) => stage === "retrying");
    assert(retry?.stage === "retrying" && retry.delay === 1);
    assertEquals(retry.reason, "the connection was closed early");
  }));

Deno.test("download() goes on when the connection is cut", () =>
  withServer([well], async (scene) => {
    // The half of an answer that promised the whole, from a bare socket.
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const cut = (async () => {
      using connection = await listener.accept();
      await connection.read(new Uint8Array(4096));
      const head = "HTTP/1.1 200 OK\r\n" + `ETag: ${TAG}\r\n` +
        `Content-Length: ${CONTENT.length}\r\n\r\n`;
      const answer = new Blob([head, CONTENT.subarray(0, HALF)]);
      const arrived = scene.received(HALF);
      for await (const piece of answer.stream()) {
        await writeAll(connection, piece);
      }
      await arrived;
    })();
    const url = `http://127.0.0.1:${listener.addr.port}/file.bin`;
    await assertRejects(
      () => scene.run({ retries: 0 }, { ...scene.remote, url }),
      Error,
      "expected 300000 bytes but found 150000",
    );
    await cut;
    await Deno.writeTextFile(
      `${scene.path}.part.validator`,
      `${scene.remote.url}\n${TAG}`,
    );
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked, [{ range: `bytes=${HALF}-`, ifRange: TAG }]);
  }));

Deno.test("download() goes on in the next run", () =>
  withServer([breakOff, well], async (scene) => {
    const error = await assertRejects(() => scene.run({ retries: 0 }), Error);
    assertStringIncludes(
      error.message,
      `Cannot download ${scene.remote.url}: expected 300000 bytes but found ` +
        "150000 (",
    );
    assertStringIncludes(error.message, "run again to go on from there");
    await scene.run({ retries: 0 });
    await assertWhole(scene);
    assertEquals(scene.asked[1]?.range, `bytes=${HALF}-`);
  }));

Deno.test("download() tries anew when the server falls silent", () =>
  withServer([half({ then: "silence" }), well], async (scene) => {
    await scene.run({ stallTimeout: 300 });
    await assertWhole(scene);
    assertEquals(scene.asked[1]?.range, `bytes=${HALF}-`);
    const retry = scene.reports.find(({ stage }) => stage === "retrying");
    assert(retry?.stage === "retrying");
    assertEquals(retry.reason, "the server was silent for 0.3 s");
  }));

Deno.test("download() tries anew when no answer comes at all", () => {
  let release = (): void => {};
  const never: Handler = () =>
    new Promise((resolve) => release = () => resolve(new Response()));
  return withServer([never, well], async (scene) => {
    await scene.run({ stallTimeout: 300 });
    release();
    await assertWhole(scene);
  });
});

Deno.test("download() starts over when the server ignores ranges", () => {
  const whole: Handler = () =>
    new Response(CONTENT, { headers: { ETag: TAG } });
  return withServer([breakOff, whole], async (scene) => {
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked[1]?.range, `bytes=${HALF}-`);
  });
});

Deno.test("download() starts over when the file has changed", () => {
  const older = half({ then: "end", headers: { ETag: '"older"' } });
  return withServer([older, well], async (scene) => {
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked[1]?.ifRange, '"older"');
  });
});

Deno.test("download() starts over when nothing vouches for the start", () => {
  const anonymous = half({ then: "end", headers: {} });
  return withServer([anonymous, well], async (scene) => {
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked[1], { range: null, ifRange: null });
  });
});

Deno.test("download() trusts a date but not a weak tag", () => {
  const date = "Mon, 01 Jun 2009 00:00:00 GMT";
  const headers = { "ETag": `W/${TAG}`, "Last-Modified": date };
  const weak = half({ then: "end", headers });
  return withServer([weak, well], async (scene) => {
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked[1], { range: `bytes=${HALF}-`, ifRange: date });
  });
});

Deno.test("download() starts over when the range is refused", () => {
  const refuse: Handler = () => new Response(null, { status: 416 });
  return withServer([breakOff, refuse, well], async (scene) => {
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked[2], { range: null, ifRange: null });
  });
});

Deno.test("download() starts over when another range is sent", () => {
  const misplaced: Handler = () => {
    const headers = { "Content-Range": "bytes 7-299999/300000" };
    return new Response(CONTENT.subarray(7), { status: 206, headers });
  };
  return withServer([breakOff, misplaced, well], async (scene) => {
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked[2], { range: null, ifRange: null });
  });
});

Deno.test("download() does not fetch what is whole but unverified", () =>
  withServer([well], async (scene) => {
    const partial = `${scene.path}.part`;
    await Deno.writeFile(partial, CONTENT);
    const vouched = `${scene.remote.url}\n${TAG}`;
    await Deno.writeTextFile(`${partial}.validator`, vouched);
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked, []);
  }));

Deno.test("download() does not go on with another address's bytes", () =>
  withServer([well], async (scene) => {
    const partial = `${scene.path}.part`;
    await Deno.writeFile(partial, new Uint8Array(HALF));
    const vouched = `http://127.0.0.1/elsewhere.bin\n${TAG}`;
    await Deno.writeTextFile(`${partial}.validator`, vouched);
    await scene.run();
    await assertWhole(scene);
    assertEquals(scene.asked, [{ range: null, ifRange: null }]);
  }));

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

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await to.write(bytes.subarray(done));
  }
}

/** A port on which nothing listens. */
function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
