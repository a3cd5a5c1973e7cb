// The page of a run that grows while it is trained.

import type { LiveServer } from "../../report/live_server.ts";

/** Serves a run's report until it is disposed of; on any free port if `port` is 0. */
export async function serveReport(
  run: string,
  port: number,
): Promise<LiveServer> {
  // The modules that draw are large, and loaded only when they are used.
  const { LiveServer } = await import("../../report/live_server.ts");
  return await LiveServer.start({ run, port });
}
