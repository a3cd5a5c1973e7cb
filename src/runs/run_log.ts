// A run's log: one JSON object per line, synced to the disk before training continues, so
// that the log is never behind a checkpoint.
//
// The log of a resumed run equals that of one never stopped, but for times and for lines
// about checkpoints and resuming. A checkpoint is therefore written after its line, and
// resuming cuts what stands behind that. A line counts once its line break is there: an
// unfinished line of a killed process is dropped.
//
// `log_line.ts` has the types of lines, and `log_json.ts` their JSON.

import { writeAtomically } from "../base/atomic_write.ts";
import { fileInfo, openInPlace, readText, writeError } from "../base/disk.ts";
import { EventFile } from "./event_file.ts";
import { logCsv } from "./log_csv.ts";
import { logJson, parseLogLine } from "./log_json.ts";
import { CLOCK_FIELDS, type LogLine } from "./log_line.ts";

/** An open log that lines are added to. One per file. */
export class RunLog {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #events: EventFile | null;
  /** Lines that wait for others; null where lines are added at once. */
  #waiting: LogLine[] | null = null;

  private constructor(
    file: Deno.FsFile,
    { path, events }: {
      readonly path: string;
      readonly events: EventFile | null;
    },
  ) {
    this.#file = file;
    this.#path = path;
    this.#events = events;
  }

  /**
   * Opens the log at `path` to add lines, or makes one. Lines that the checkpoint does
   * not follow from, and an unfinished one, are cut off first.
   *
   * @param options.step The checkpoint's; null where the run begins anew.
   * @param options.tensorboard A folder of event files, which get every line too.
   * @throws {UserError} if the file is no log.
   */
  static async open(
    path: string,
    { step, tensorboard }: {
      readonly step: number | null;
      readonly tensorboard?: string | undefined;
    },
  ): Promise<RunLog> {
    await cut(path, step);
    const options = { read: true, append: true, create: true };
    const file = await openInPlace(path, options);
    try {
      const events = tensorboard === undefined
        ? null
        : await EventFile.create(tensorboard, {
          lines: await readLog(path),
          step: step ?? 0,
        });
      return new RunLog(file, { path, events });
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * Adds a line, with the time unless it has one, and waits until the disk has it:
   * after an error the log ends as it did before. Waiting keeps lines in order
   * without anyone awaiting them.
   *
   * @throws {UserError} if the disk is full.
   */
  append(line: LogLine): void {
    const timed = { ...line, time: line.time ?? new Date().toISOString() };
    if (this.#waiting) {
      this.#waiting.push(timed);
      return;
    }
    const bytes = new TextEncoder().encode(`${logJson(timed)}\n`);
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
    this.#events?.add(timed);
  }

  /** Adds the lines that `work` adds once it is through, and none of them if it throws. */
  async together<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting = [];
    try {
      const result = await work();
      const lines = this.#waiting;
      this.#waiting = null;
      for (const line of lines) this.append(line);
      return result;
    } finally {
      this.#waiting = null;
    }
  }

  /**
   * Replaces the table at `path` by the lines so far.
   *
   * @throws {UserError} if the system refuses.
   */
  async writeCsv(path: string): Promise<void> {
    await writeAtomically(path, logCsv(await readLog(this.#path)));
  }

  /** Closes the file. */
  dispose(): void {
    this.#file.close();
    this.#events?.dispose();
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
  return texts.map((text, i) => parseLogLine(text, `line ${i + 1} of ${path}`));
}

/** Seconds that the run had taken when its last checkpoint was saved; 0 before. */
export function secondsSoFar(lines: readonly LogLine[]): number {
  return lines.findLast((line) => line.kind === "saved")?.seconds ?? 0;
}

/**
 * The lines that two equal runs have in common: without times, and without lines about
 * checkpoints and resuming, since when a run saves depends on the clock.
 */
export function comparableLines(
  lines: readonly LogLine[],
): Record<string, unknown>[] {
  const common = lines.filter(({ kind }) =>
    kind !== "resume" && kind !== "saved"
  );
  return common.map((line) =>
    Object.fromEntries(
      Object.entries(line).filter(([name]) => !CLOCK_FIELDS.includes(name)),
    )
  );
}

/** Leaves the lines that lead to a checkpoint, byte by byte as they were. */
async function cut(path: string, step: number | null): Promise<void> {
  if (!await fileInfo(path)) return;
  const whole = await readText(path);
  const texts = finishedLines(whole);
  const lines = texts.map((text, i) =>
    parseLogLine(text, `line ${i + 1} of ${path}`)
  );
  const saved = lines.findLastIndex((line) =>
    line.kind === "saved" && line.step === step
  );
  // Before there were such lines, all those up to the step led to its checkpoint.
  const end = saved < 0 ? lines.length : saved + 1;
  const leads = ({ kind, step: at }: LogLine, i: number): boolean =>
    step !== null && at <= step && kind !== "end" &&
    (i < end || kind === "resume");
  const shorter = texts.filter((_, i) => leads(lines[i]!, i))
    .map((text) => `${text}\n`).join("");
  if (shorter === whole) return;
  await writeAtomically(path, shorter);
}

/** The lines that end with a line break, without it. */
function finishedLines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}
