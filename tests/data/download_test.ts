// A download that is received whole: at once, or after it broke off.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  assertWhole,
  breakOff,
  CONTENT,
  HALF,
  half,
  type Handler,
  TAG,
  well,
  withServer,
} from "../support/download_scene.ts";

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

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await to.write(bytes.subarray(done));
  }
}
