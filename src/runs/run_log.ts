// A run's log: one JSON object per line, forced to the disk before training goes
// on, so that what a checkpoint follows from stands in the log by then.
//
// The log of a resumed run equals that of one never stopped, but for times and the
// lines that say so. A checkpoint is therefore written after the lines of its
// step, and resuming cuts the lines of later steps. A line counts once its line
// break is there: what a killed process left unfinished at the end is dropped.

import { writeAtomically } from "../base/atomic_write.ts";
import { fileInfo, openInPlace, readText, writeError } from "../base/disk.ts";
import { UserError } from "../base/errors.ts";
import { asObject, parseJson, writeJson } from "./stored_json.ts";

/** A place in a run. */
export interface LogPlace {
  /** The epoch of the latest step, from 1; 0 before the first step. */
  readonly epoch: number;
  /** Steps taken so far. */
  readonly step: number;
}

/** What some steps measured. */
export interface LogMeans {
  /** Means by name over the images since the last line of this kind. */
  readonly means: Readonly<Record<string, number>>;
  /** That of the latest step. */
  readonly learningRate: number;
  /** Wall-clock time since the last line of this kind. */
  readonly seconds: number;
  /** Images trained on in each of these seconds. */
  readonly imagesPerSecond: number;
}

/** One line. Fields that depend on the clock are those of {@linkcode CLOCK_FIELDS}. */
export type LogLine =
  & LogPlace
  & (
    | {
      readonly kind: "start";
      readonly experiment: string;
      readonly seed: number;
      readonly time: string;
    }
    /** Some steps of an epoch. */
    | { readonly kind: "steps" } & LogMeans
    /** A whole epoch. */
    | { readonly kind: "epoch" } & LogMeans
    | {
      readonly kind: "evaluation";
      readonly network: "student" | "teacher";
      readonly split: string;
      /** Images classified correctly, by attack. */
      readonly results: Readonly<
        Record<string, { readonly correct: number; readonly count: number }>
      >;
      readonly seconds: number;
    }
    | {
      readonly kind: "resume";
      /** What is not as it was when the run began. */
      readonly changes: readonly string[];
      readonly time: string;
    }
    | {
      readonly kind: "end";
      readonly seconds: number;
      readonly time: string;
    }
  );

/** The fields in which two equal runs may differ. */
export const CLOCK_FIELDS: readonly string[] = [
  "seconds",
  "imagesPerSecond",
  "time",
];

const KINDS: Readonly<Record<LogLine["kind"], true>> = {
  start: true,
  steps: true,
  epoch: true,
  evaluation: true,
  resume: true,
  end: true,
};

/** An open log that lines are added to. One per file. */
export class RunLog {
  readonly #file: Deno.FsFile;
  readonly #path: string;

  private constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /**
   * Opens the log at `path` to add lines, or makes one. Lines after `step`, the
   * end of the run and an unfinished line are cut off first.
   *
   * @throws {UserError} if the file is no log.
   */
  static async open(
    path: string,
    { step }: { readonly step: number },
  ): Promise<RunLog> {
    await cut(path, step);
    const options = { read: true, append: true, create: true };
    return new RunLog(await openInPlace(path, options), path);
  }

  /**
   * Adds a line and waits until the disk has it: after an error the log ends as
   * it did before. Waiting keeps lines in order without anyone awaiting them.
   *
   * @throws {UserError} if the disk is full.
   */
  append(line: LogLine): void {
    const bytes = new TextEncoder().encode(`${writeJson(line)}\n`);
    const { size } = this.#file.statSync();
    try {
      for (let done = 0; done < bytes.length;) {
        done += this.#file.writeSync(bytes.subarray(done));
      }
      this.#file.syncDataSync();
    } catch (error) {
      try {
        this.#file.truncateSync(size);
      } catch {
        // Opening the log again drops what stays of the line.
      }
      throw writeError(error, this.#path);
    }
  }

  /** Closes the file. */
  dispose(): void {
    this.#file.close();
  }

  /** As {@linkcode RunLog.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * The lines of a log; an unfinished one at the end is left out.
 *
 * @throws {UserError} naming the first line that is none of a log.
 */
export async function readLog(path: string): Promise<LogLine[]> {
  const texts = finishedLines(await readText(path));
  return texts.map((text, i) => parseLine(text, `line ${i + 1} of ${path}`));
}

/** Lines as two equal runs share them: no times, no mention of being resumed. */
export function comparableLines(
  lines: readonly LogLine[],
): Record<string, unknown>[] {
  return lines.filter(({ kind }) => kind !== "resume").map((line) =>
    Object.fromEntries(
      Object.entries(line).filter(([name]) => !CLOCK_FIELDS.includes(name)),
    )
  );
}

/** Leaves the lines up to a step, byte by byte as they were. */
async function cut(path: string, step: number): Promise<void> {
  if (!await fileInfo(path)) return;
  const text = await readText(path);
  const kept = finishedLines(text).filter((line, i) => {
    const found = parseLine(line, `line ${i + 1} of ${path}`);
    return found.step <= step && found.kind !== "end";
  });
  const shorter = kept.map((line) => `${line}\n`).join("");
  if (shorter === text) return;
  await writeAtomically(path, new TextEncoder().encode(shorter));
}

/** The lines that end with a line break, without it. */
function finishedLines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

function parseLine(text: string, source: string): LogLine {
  const line = asObject(parseJson(text, source), source);
  const { kind, epoch, step } = line;
  if (
    typeof kind !== "string" || !Object.hasOwn(KINDS, kind) ||
    !Number.isSafeInteger(epoch) || !Number.isSafeInteger(step)
  ) {
    throw new UserError(
      `Cannot read ${source}: expected one of ${
        Object.keys(KINDS).join(", ")
      } ` +
        `with its epoch and step but found ${text.slice(0, 80)}`,
    );
  }
  return line as unknown as LogLine;
}
