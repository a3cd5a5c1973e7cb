// The original AutoAttack as an attacker: a process of Python for each job.

import { fromFileUrl } from "@std/path";
import type {
  Attacker,
  Broken,
  SeedsJob,
  VerdictJob,
  Verdicts,
} from "./jobs.ts";

const SCRIPT = fromFileUrl(new URL("original.py", import.meta.url));

/** Where the original is, and what it attacks. */
export interface OriginalOptions {
  /** A clone of fra31/auto-attack. */
  readonly autoAttack: string;
  /** The folder of a run. */
  readonly run: string;
  /** The folder of the data set. */
  readonly data: string;
}

/** The original, run by the python3 on the PATH. */
export class Original implements Attacker {
  readonly name = "original";
  readonly #options: OriginalOptions;

  constructor(options: OriginalOptions) {
    this.#options = options;
  }

  async verdicts(job: VerdictJob): Promise<Verdicts> {
    return await this.#ask<Verdicts>(job);
  }

  async seeds(job: SeedsJob): Promise<Broken> {
    return await this.#ask<Broken>(job);
  }

  /** The versions of PyTorch and of the original. */
  async about(): Promise<{ torch: string; revision: string }> {
    return await this.#ask({ kind: "about" });
  }

  async #ask<R>(job: unknown): Promise<R> {
    const { autoAttack, run, data } = this.#options;
    const process = new Deno.Command("python3", {
      args: [SCRIPT, autoAttack, run, data],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(job)));
    await writer.close();
    const { success, stdout } = await process.output();
    if (!success) throw new Error("Cannot run the original: python3 failed");
    return JSON.parse(new TextDecoder().decode(stdout));
  }
}
