// The page of a run during training, served to this machine only. A worker serves it, so
// that training does not wait for it, and draws it again only if the log has grown since
// the last request. It is the report's page with curves by step.

import { fileInfo } from "../base/disk.ts";
import { Html } from "./html.ts";
import { page } from "./page_parts.ts";
import { readRun } from "./reported_run.ts";
import { runPage } from "./run_page.ts";

/** Milliseconds between two looks of a page at its run. */
const LOOK_EVERY = 5_000;

/** The script of a served page: it asks for new contents until it is closed. */
const SCRIPT = `
let version = "";
async function look() {
  try {
    const reply = await fetch("contents", { headers: { "if-none-match": version } });
    if (reply.status === 200) {
      version = reply.headers.get("etag") ?? "";
      const report = document.getElementById("report");
      const open = [...report.querySelectorAll("details")].map((one) => one.open);
      report.innerHTML = await reply.text();
      report.querySelectorAll("details").forEach((one, i) => one.open = open[i]);
    }
    document.body.classList.remove("away");
  } catch {
    document.body.classList.add("away");
  }
  setTimeout(look, ${LOOK_EVERY});
}
look();
`;

const HTML = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
} as const;

/** Answers requests for a run's page. */
export class LivePage {
  readonly #run: string;
  #version = "";
  #contents = "";
  #drawing: Promise<void> = Promise.resolve();

  /** A page of the run in a folder. */
  constructor(run: string) {
    this.#run = run;
  }

  /** The answer to a request. */
  async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (request.method !== "GET" || !isOwnHost(request)) {
      return new Response("Not allowed\n", { status: 403 });
    }
    if (pathname !== "/" && pathname !== "/contents") {
      return new Response("Not found\n", { status: 404 });
    }
    await this.#draw();
    if (pathname === "/") return this.#whole();
    const headers = { etag: this.#version, ...HTML };
    return request.headers.get("if-none-match") === this.#version
      ? new Response(null, { status: 304, headers })
      : new Response(this.#contents, { headers });
  }

  #whole(): Response {
    const content = new Html(this.#contents);
    const title = `Training: ${this.#run}`;
    return new Response(page({ title, content, script: SCRIPT }), {
      headers: HTML,
    });
  }

  /** Draws the page if the run's files have changed; one drawing at a time. */
  async #draw(): Promise<void> {
    const before = this.#drawing.catch(() => {});
    this.#drawing = before.then(async () => {
      const version = await this.#currentVersion();
      if (version === this.#version) return;
      this.#contents = (await runPage(await readRun(this.#run), { live: true }))
        .toString();
      this.#version = version;
    });
    await this.#drawing;
  }

  /** The sizes and times of the run's files, as text to compare. */
  async #currentVersion(): Promise<string> {
    const names = ["log.jsonl", "card.json", "figures/figures.json"];
    const files = await Promise.all(
      names.map((name) => fileInfo(`${this.#run}/${name}`)),
    );
    const marks = files.map((file) =>
      `${file?.size}-${file?.mtime?.getTime()}`
    );
    return `"${marks.join("-")}"`;
  }
}

/**
 * Whether a request names this machine: another site's page may reach the server
 * under a name of its own, but not read it under this one.
 */
function isOwnHost(request: Request): boolean {
  const host = request.headers.get("host")?.replace(/:\d+$/, "");
  return host === "127.0.0.1" || host === "localhost";
}
