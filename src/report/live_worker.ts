// The worker that serves a run's page, so that training never waits for a reader.
// It gets one message with the run, and replies with the port or with an error.

import { serve } from "./live_http.ts";
import { LivePage } from "./live_page.ts";

/** The message to the worker. */
export interface LiveRequest {
  /** The run's folder. */
  readonly run: string;
  /** The port to listen on; 0 for any that is free. */
  readonly port: number;
}

/** The worker's reply. */
export type LiveAnswer =
  | { readonly port: number }
  | { readonly failure: string };

/** A worker's own side of its channel, which the types of windows do not have. */
interface Channel {
  onmessage: ((event: MessageEvent<LiveRequest>) => void) | null;
  postMessage(answer: LiveAnswer): void;
}

const channel = globalThis as unknown as Channel;

channel.onmessage = ({ data: { run, port } }) => {
  const live = new LivePage(run);
  try {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    channel.postMessage({ port: listener.addr.port });
    serve(listener, { answer: (request) => live.answer(request) });
  } catch (error) {
    channel.postMessage({ failure: (error as Error).message });
  }
};
