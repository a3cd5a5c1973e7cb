// What clients do to a server on one's own machine, by accident or on purpose.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { serve, type ServeOptions } from "../../src/report/live_http.ts";

/** Runs a test with a server, whose port it is told. */
async function withServer(
  options: Partial<ServeOptions>,
  test: (port: number) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answer = (request: Request): Promise<Response> =>
    Promise.resolve(new Response(`${request.method} ${request.url}`));
  const served = serve(listener, { answer, ...options });
  try {
    await test(listener.addr.port);
  } finally {
    listener.close();
    await served;
  }
}

/** What a server answers to these bytes, until it ends the connection. */
async function reply(port: number, bytes: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(bytes));
  return await new Response(connection.readable).text();
}

Deno.test("serve() answers a request and ends the connection", () =>
  withServer({}, async (port) => {
    const text = await reply(port, "GET /a?b HTTP/1.1\r\nHost: x:80\r\n\r\n");
    const [head, body] = text.split("\r\n\r\n");
    assertEquals(head!.split("\r\n"), [
      "HTTP/1.1 200 OK",
      "content-type: text/plain;charset=UTF-8",
      "content-length: 16",
      "connection: close",
    ]);
    assertEquals(body, "GET http://x/a?b");
    const url = `http://127.0.0.1:${port}/`;
    assertEquals(await (await fetch(url)).text(), `GET ${url}`);
  }));

const MALFORMED = [
  "GET / HTTP/1.1\r\nHost: 127.0.0.1:99999\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
  "GET / HTTP/1.1\r\n: nothing\r\n\r\n",
  "GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n",
  "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
  "nonsense\r\n\r\n",
  `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
];

for (const bytes of MALFORMED) {
  Deno.test(`serve() answers ${JSON.stringify(bytes.slice(0, 50))} with 400`, () =>
    withServer({}, async (port) => {
      assertStringIncludes(await reply(port, bytes), "HTTP/1.1 400 ");
      const { status, body } = await fetch(`http://127.0.0.1:${port}/`);
      await body?.cancel();
      assertEquals(status, 200);
    }));
}

Deno.test("serve() tells a user's mistake, and of its own no stack", async () => {
  const answers = [new UserError("Cannot read x"), new TypeError("secret")];
  const answer = () => Promise.reject(answers.shift());
  await withServer({ answer }, async (port) => {
    const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    assertStringIncludes(await reply(port, request), "Cannot read x");
    const text = await reply(port, request);
    assertStringIncludes(text, "HTTP/1.1 500 ");
    assert(!text.includes("secret"), text);
  });
});

Deno.test("serve() ends connections that say nothing in time", () =>
  withServer({ deadline: 50 }, async (port) => {
    for (const bytes of ["", "GET / HTT"]) {
      assertEquals(await reply(port, bytes), "");
    }
  }));

Deno.test("serve() closes connections beyond 64 and serves again after them", () =>
  withServer({ deadline: 500 }, async (port) => {
    const idle = await Promise.all(Array.from(
      { length: 64 },
      () => Deno.connect({ hostname: "127.0.0.1", port }),
    ));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    assertEquals(await reply(port, request).catch(() => ""), "");
    for (const connection of idle) connection.close();
    await new Promise((resolve) => setTimeout(resolve, 600));
    assertStringIncludes(await reply(port, request), "200 OK");
  }));

Deno.test("serve() goes on where the system refuses a connection", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let refusals = 2;
  const accept = (): Promise<Deno.TcpConn> =>
    refusals-- > 0
      ? Promise.reject(new Error("Too many open files (os error 24)"))
      : listener.accept();
  const answer = () => Promise.resolve(new Response("here"));
  const served = serve({ accept }, { answer });
  const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  assertStringIncludes(await reply(listener.addr.port, request), "here");
  listener.close();
  await served;
});
