// The page of a run that is under way: who may see it, and that it grows.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { LivePage } from "../../src/report/live_page.ts";
import { LiveServer } from "../../src/report/live_server.ts";
import { RunLog } from "../../src/runs/run_log.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { epochLines, exampleRun } from "../support/example_run.ts";

function request(path: string, init: RequestInit & { host?: string } = {}) {
  const { host = "127.0.0.1:8000", headers, ...rest } = init;
  return new Request(`http://${host}${path}`, {
    ...rest,
    headers: { ...headers as Record<string, string>, host },
  });
}

Deno.test("LivePage answers anew only where the run has moved on", () =>
  withFolder(async (folder) => {
    const run = `${folder}/run`;
    await exampleRun(run, { epochs: 2 });
    const live = new LivePage(run);
    const first = await live.answer(request("/contents"));
    const version = first.headers.get("etag")!;
    assert((await first.text()).includes("epoch 2 of 12, step 28"));
    const known = { headers: { "if-none-match": version } };
    const same = await live.answer(request("/contents", known));
    assertEquals([same.status, await same.text()], [304, ""]);
    {
      using log = await RunLog.open(`${run}/log.jsonl`, { step: 28 });
      for (const line of epochLines(3)) log.append(line);
    }
    const grown = await live.answer(request("/contents", known));
    assertEquals(grown.status, 200);
    const text = await grown.text();
    assert(text.includes("epoch 3 of 12, step 42 of 168"));
    assert(text.includes("Training loss by step"));
  }));

Deno.test("LivePage answers this machine's browsers alone, and reading alone", () =>
  withFolder(async (folder) => {
    const run = `${folder}/run`;
    await exampleRun(run, { epochs: 1 });
    const live = new LivePage(run);
    const status = async (asked: Request) => (await live.answer(asked)).status;
    assertEquals(await status(request("/")), 200);
    assertEquals(await status(request("/", { host: "localhost:1" })), 200);
    assertEquals(await status(request("/", { host: "example.org" })), 403);
    assertEquals(await status(request("/", { method: "POST" })), 403);
    assertEquals(await status(request("/log.jsonl")), 404);
  }));

Deno.test("LivePage answers again after a damaged file was mended", () =>
  withFolder(async (folder) => {
    const run = `${folder}/run`;
    await exampleRun(run, { epochs: 1 });
    const live = new LivePage(run);
    const log = `${run}/log.jsonl`;
    const whole = await Deno.readTextFile(log);
    await Deno.writeTextFile(log, `no line of a log\n${whole}`);
    await assertRejects(() => live.answer(request("/")), UserError);
    await Deno.writeTextFile(log, whole);
    assertEquals((await live.answer(request("/"))).status, 200);
  }));

Deno.test("LiveServer serves on this machine until it is disposed of", () =>
  withFolder(async (folder) => {
    const run = `${folder}/run`;
    await exampleRun(run, { epochs: 12 });
    const server = await LiveServer.start({ run, port: 0 });
    const port = Number(new URL(server.url).port);
    try {
      const reply = await fetch(server.url);
      assertEquals(reply.status, 200);
      assert((await reply.text()).includes("<title>Training: "));
      await assertRejects(
        () => LiveServer.start({ run, port }),
        Error,
        `expected port ${port} of this machine to be free but found`,
      );
    } finally {
      server.dispose();
    }
  }));
