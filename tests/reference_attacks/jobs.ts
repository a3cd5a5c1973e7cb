// What both programs, this project's AutoAttack and the original, are asked for. A job
// is plain data, the same for both; its result is kept in a file, so that a comparison
// that was stopped goes on where it was.

import { join } from "@std/path";

/** A ball in which images are attacked. */
export interface Ball {
  readonly norm: "linf" | "l2";
  /** The radius, such as 8/255. */
  readonly epsilon: number;
}

/** The standard version, on some test images. */
export interface VerdictJob extends Ball {
  readonly kind: "verdicts";
  /** Places in the test set. */
  readonly images: readonly number[];
  readonly seed: number;
}

/** An attack of AutoAttack, and FAB-T with random starts only. */
export type Member =
  | "apgd-ce"
  | "apgd-t"
  | "fab-t"
  | "fab-t random"
  | "square";

/** The numbers of an attack. */
export interface Budget {
  readonly steps: number;
  readonly targets: number;
  readonly queries: number;
}

/** The standard version's numbers. */
export const STANDARD: Budget = { steps: 100, targets: 9, queries: 5000 };

/** An attack alone, on some test images, with each of some seeds. */
export interface SeedsJob extends Ball {
  readonly kind: "seeds";
  readonly member: Member;
  readonly budget: Budget;
  /** Places in the test set. */
  readonly images: readonly number[];
  readonly seeds: readonly number[];
}

/** By image the attack that broke it, "clean" where it was wrong before, or null. */
export type Verdicts = readonly (string | null)[];

/** By seed and image, whether the image was broken. */
export type Broken = readonly (readonly boolean[])[];

/** A program that attacks. */
export interface Attacker {
  /** The name in files. */
  readonly name: string;
  verdicts(job: VerdictJob): Promise<Verdicts>;
  seeds(job: SeedsJob): Promise<Broken>;
}

/** An attacker that keeps every result in a folder, by the job's name. */
export function keeping(attacker: Attacker, folder: string): Attacker {
  async function kept<J extends VerdictJob | SeedsJob, R>(
    job: J,
    run: (job: J) => Promise<R>,
  ): Promise<R> {
    const { name } = attacker;
    const text = JSON.stringify(job);
    const bytes = new TextEncoder().encode(text);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
    const path = join(folder, `${digest.toHex().slice(0, 12)}-${name}.json`);
    try {
      return JSON.parse(await Deno.readTextFile(path)).result;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const started = performance.now();
    const result = await run(job);
    const seconds = Math.round((performance.now() - started) / 1000);
    await Deno.writeTextFile(path, JSON.stringify({ job, seconds, result }));
    return result;
  }
  return {
    name: attacker.name,
    verdicts: (job) => kept(job, (job) => attacker.verdicts(job)),
    seeds: (job) => kept(job, (job) => attacker.seeds(job)),
  };
}
