// A headless browser, where this machine has one (Debian's `chromium`), spoken to
// by the protocol of its developer tools.

/** Whether there is a browser. */
export async function hasBrowser(): Promise<boolean> {
  const command = new Deno.Command("sh", {
    args: ["-c", "command -v chromium"],
    stdout: "null",
  });
  return (await command.output()).success;
}

/** A browser that is running. */
export class Browser {
  readonly #process: Deno.ChildProcess;
  readonly #profile: string;
  readonly #address: string;

  private constructor(
    process: Deno.ChildProcess,
    profile: string,
    address: string,
  ) {
    this.#process = process;
    this.#profile = profile;
    this.#address = address;
  }

  /** Starts a browser without windows. */
  static async start(): Promise<Browser> {
    const profile = await Deno.makeTempDir();
    const options = [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
    ];
    const process = new Deno.Command("sh", {
      args: ["-c", 'exec chromium "$@"', "chromium", ...options, "about:blank"],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    let said = "";
    const decoder = new TextDecoder();
    for await (const bytes of process.stderr.values({ preventCancel: true })) {
      said += decoder.decode(bytes, { stream: true });
      const address = /DevTools listening on ws:\/\/([^/]+)/.exec(said)?.[1];
      if (address) return new Browser(process, profile, address);
    }
    throw new Error(`Cannot start a browser: ${said}`);
  }

  /** Opens a page, and waits until it is loaded. */
  async open(url: string): Promise<Page> {
    const reply = await fetch(
      `http://${this.#address}/json/new?${encodeURIComponent("about:blank")}`,
      { method: "PUT" },
    );
    const { webSocketDebuggerUrl } = await reply.json();
    return await Page.load(new WebSocket(webSocketDebuggerUrl), url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.stderr.cancel();
    await this.#process.status;
    await removeInTime(this.#profile);
  }
}

/** Removes a folder that the browser's other processes may still write to. */
async function removeInTime(folder: string): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Record<string, unknown>;
  readonly params?: Record<string, unknown>;
}

/** What a browser tells of when something is wrong with a page. */
const COMPLAINTS = ["Log.entryAdded", "Runtime.exceptionThrown"];

/** A page that is open. */
export class Page {
  /** What the browser complained about, as it told it. */
  readonly complaints: string[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #last = 0;
  #loaded: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
  }

  /** Waits for the connection, and shows `url`. */
  static async load(socket: WebSocket, url: string): Promise<Page> {
    const page = new Page(socket);
    await new Promise((resolve) => socket.onopen = resolve);
    for (const domain of ["Log", "Runtime", "Page"]) {
      await page.#ask(`${domain}.enable`);
    }
    const loaded = new Promise<void>((resolve) => page.#loaded = resolve);
    await page.#ask("Page.navigate", { url });
    await loaded;
    return page;
  }

  /** The value of an expression in the page; promises are waited for. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.#ask("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    return (result?.["result"] as { value?: unknown } | undefined)?.value;
  }

  /** Shows the page as a screen of this width does, to readers who prefer this. */
  async show(
    { width, scheme }: {
      readonly width: number;
      readonly scheme: "light" | "dark";
    },
  ): Promise<void> {
    await this.#ask("Emulation.setDeviceMetricsOverride", {
      width,
      height: 844,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.#ask("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
  }

  /** A picture of the whole page, as a PNG. */
  async picture(): Promise<Uint8Array<ArrayBuffer>> {
    const { result } = await this.#ask("Page.captureScreenshot", {
      captureBeyondViewport: true,
    });
    return Uint8Array.fromBase64(String(result?.["data"]));
  }

  /** Closes the page. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    await this.#ask("Page.close");
    await closed;
  }

  #ask(method: string, params: object = {}): Promise<Message> {
    const id = ++this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #hear(message: Message): void {
    const { id, method = "", params = {} } = message;
    if (id !== undefined) this.#waiting.get(id)?.(message);
    if (method === "Page.loadEventFired") this.#loaded();
    const shouted = method === "Runtime.consoleAPICalled" &&
      ["error", "warning", "assert"].includes(String(params["type"]));
    if (shouted || COMPLAINTS.includes(method)) {
      this.complaints.push(JSON.stringify(params));
    }
  }
}
