// Serves the page of a run on this machine while the run is trained.

import { UserError } from "../base/errors.ts";
import type { LiveAnswer, LiveRequest } from "./live_worker.ts";

/** A server that is up. Dispose of it to end it. */
export class LiveServer {
  /** Where the page is. */
  readonly url: string;
  readonly #worker: Worker;

  private constructor(worker: Worker, port: number) {
    this.#worker = worker;
    this.url = `http://127.0.0.1:${port}/`;
  }

  /**
   * Starts to serve the run in a folder.
   *
   * @param request.port 0 for any port that is free.
   * @throws {UserError} if the port is taken or may not be used.
   */
  static async start(request: LiveRequest): Promise<LiveServer> {
    const url = new URL("./live_worker.ts", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    const answered = Promise.withResolvers<LiveAnswer>();
    worker.onmessage = ({ data }) => answered.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      answered.resolve({ failure: event.message });
    };
    worker.postMessage(request);
    const answer = await answered.promise;
    if ("port" in answer) return new LiveServer(worker, answer.port);
    worker.terminate();
    throw new UserError(
      `Cannot serve the run's page: expected port ${request.port} of this ` +
        `machine to be free but found "${answer.failure}"`,
    );
  }

  /** Ends the server. */
  dispose(): void {
    this.#worker.terminate();
  }

  /** As {@linkcode LiveServer.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
