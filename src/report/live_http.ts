// The part of HTTP/1.1 that a page on this machine needs: a request without a body, a
// response, and the end of the connection. `Deno.serve` does more, but has no deadlines,
// and ends for good where the process has too many files open. `node:http` has deadlines,
// but in Deno 2.9 it stops to accept connections there as well, without an error event.
//
// No client can end the server: a bad request gets a response with an error or loses its
// connection, and the next one is served.

import { UserError } from "../base/errors.ts";

/** How to serve. */
export interface ServeOptions {
  /** Returns the response to a request. An error that it throws becomes a response, too. */
  readonly answer: (request: Request) => Promise<Response>;
  /** Milliseconds in which a connection has to be done; 10,000 if left out. */
  readonly deadline?: number;
}

/** Bytes of a request's head, beyond which it is refused. */
const HEAD = 16_384;

/** Connections at once, beyond which new ones are closed. */
const CONNECTIONS = 64;

/** Milliseconds until the next try where the system refuses a connection. */
const PAUSE = 100;

/** Serves the connections of a listener until it is closed. */
export async function serve(
  listener: Pick<Deno.TcpListener, "accept">,
  options: ServeOptions,
): Promise<void> {
  let open = 0;
  for (;;) {
    let connection: Deno.TcpConn;
    try {
      connection = await listener.accept();
    } catch (error) {
      // A closed listener is one of these; all else, as too many open files, passes.
      if (error instanceof Deno.errors.BadResource) return;
      if (error instanceof Deno.errors.Interrupted) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      continue;
    }
    if (open >= CONNECTIONS) {
      connection.close();
      continue;
    }
    open++;
    converse(connection, options).finally(() => open--);
  }
}

/** One request and its answer. Never rejects. */
async function converse(
  connection: Deno.TcpConn,
  { answer, deadline = 10_000 }: ServeOptions,
): Promise<void> {
  let closed = false;
  const close = (): void => {
    if (!closed) connection.close();
    closed = true;
  };
  const timer = setTimeout(close, deadline);
  try {
    const head = await readHead(connection);
    const request = head === null ? null : parsedRequest(head);
    const response = request
      ? await answer(request).catch(failure)
      : plain(400, "Cannot understand this request");
    await send(connection, response);
  } catch {
    // The client left, or took too long.
  } finally {
    clearTimeout(timer);
    close();
  }
}

/** The lines before the first empty one; null where there is none in time. */
async function readHead(connection: Deno.TcpConn): Promise<string | null> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(HEAD);
  let head = "";
  while (head.length < HEAD) {
    const count = await connection.read(buffer);
    if (count === null) return null;
    head += decoder.decode(buffer.subarray(0, count), { stream: true });
    const end = head.indexOf("\r\n\r\n");
    if (end >= 0) return head.slice(0, end);
  }
  return null;
}

/** The request that a head describes; null where it describes none. */
function parsedRequest(head: string): Request | null {
  const [first = "", ...lines] = head.split("\r\n");
  const [, method, target] = /^([A-Z]+) (\/\S*) HTTP\/1\.[01]$/.exec(first) ??
    [];
  if (method === undefined) return null;
  try {
    const headers = new Headers(lines.map((line): [string, string] => {
      const [, name = "", value = ""] = /^([^:]*):(.*)$/.exec(line) ?? [];
      return [name, value.trim()];
    }));
    const url = new URL(target!, `http://${headers.get("host")}`);
    return new Request(url, { method, headers });
  } catch {
    // A header, a host or a method that the web's own types refuse.
    return null;
  }
}

/** The response for an error. */
function failure(error: unknown): Response {
  return plain(
    500,
    error instanceof UserError
      ? error.message
      : "Cannot show this page: the program made a mistake",
  );
}

function plain(status: number, text: string): Response {
  const headers = { "content-type": "text/plain; charset=utf-8" };
  return new Response(`${text}\n`, { status, headers });
}

async function send(
  connection: Deno.TcpConn,
  response: Response,
): Promise<void> {
  const { status, headers } = response;
  const body = new Uint8Array(await response.arrayBuffer());
  const lines = [
    `HTTP/1.1 ${status} ${REASONS.get(status) ?? ""}`,
    ...[...headers].map(([name, value]) => `${name}: ${value}`),
    ...status === 304 ? [] : [`content-length: ${body.length}`],
    "connection: close",
  ];
  const head = new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
  for (const bytes of [head, body]) {
    for (let done = 0; done < bytes.length;) {
      done += await connection.write(bytes.subarray(done));
    }
  }
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [200, "OK"],
  [304, "Not Modified"],
  [400, "Bad Request"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [500, "Internal Server Error"],
]);
