// A local server that plays every fault of a download. Where the moment matters, it breaks
// off only after the client has reported the bytes it received, so that no test depends on
// timing.

import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { sha256 } from "../../src/data/dataset.ts";
import {
  download,
  type DownloadOptions,
  type DownloadProgress,
  type RemoteFile,
} from "../../src/data/download.ts";
import { words } from "../../src/base/random_sequence.ts";
import { namesIn, withFolder } from "./temporary_folder.ts";

/** What the server holds. */
export const CONTENT: Uint8Array<ArrayBuffer> = new Uint8Array(
  words({ seed: 0, stream: "download", step: 0 }, 75_000).buffer,
);
/** Bytes of its first half. */
export const HALF: number = CONTENT.length / 2;
/** Its validator. */
export const TAG = '"one"';

/** What a request asked for, as far as these tests care. */
export interface Asked {
  readonly range: string | null;
  readonly ifRange: string | null;
}

/** A server, a folder, and what was asked and told. */
export interface Scene {
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

/** How a request is answered. */
export type Handler = (
  asked: Asked,
  scene: Scene,
) => Response | Promise<Response>;

/**
 * Runs `body` with a server that answers request n with handler n, and all
 * later ones with the last.
 */
export async function withServer(
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
export function well({ range, ifRange }: Asked): Response {
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
export function half(
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

/** Sends the first half and ends. */
export const breakOff: Handler = half({ then: "end" });

/** Fails unless the file is there, and nothing else. */
export async function assertWhole({ path, folder }: Scene): Promise<void> {
  assertEquals(await Deno.readFile(path), CONTENT);
  assertEquals(await namesIn(folder), ["file.bin"]);
}
