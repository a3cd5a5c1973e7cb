// A run's log: one JSON object per line, synced to the disk before training continues, so
// that the log is never behind a checkpoint.
//
// The log of a resumed run equals that of one never stopped, but for times and for lines
// about checkpoints and resuming. A checkpoint is therefore written after its line, and
// resuming cuts what stands behind that. A line counts once its line break is there: an
// unfinished line of a killed process is dropped.

import { writeAtomically } from "../base/atomic_write.ts";
import { fileInfo, openInPlace, readText, writeError } from "../base/disk.ts";
import { parseJson, writeJson } from "./stored_json.ts";
import {
  checkShape,
  count,
  list,
  number,
  object,
  oneOf,
  record,
  type Shape,
  tagged,
  text,
} from "./stored_shape.ts";

/** A place in a run. */
export interface LogPlace {
  /** The epoch of the latest step, from 1; 0 before the first step. */
  readonly epoch: number;
  /** Steps taken so far. */
  readonly step: number;
}

/** Measurements over some steps. */
export interface LogMeans {
  /** Means by name over the images since the last line of this kind. */
  readonly means: Readonly<Record<string, number>>;
  /** The learning rate of the latest step. */
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
      /** A checkpoint, from which the run can continue. */
      readonly kind: "saved";
      /** Wall-clock time of the run so far, without the time between stop and resume. */
      readonly seconds: number;
    }
    | {
      /** The first reading of numbers that are none. */
      readonly kind: "diverged";
      /** What is not finite: `the loss "ce"`. */
      readonly what: string;
    }
    | {
      readonly kind: "resume";
      /** Changes of the environment since the run began. */
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

const PLACE: { readonly [K in keyof LogPlace]: Shape } = {
  epoch: count,
  step: count,
};

const MEANS: Shape = object<LogPlace & LogMeans>({
  ...PLACE,
  means: record(number),
  learningRate: number,
  seconds: number,
  imagesPerSecond: number,
});

/** The fields of a line by its kind. */
type Line<Kind extends LogLine["kind"]> = Omit<
  Extract<LogLine, { readonly kind: Kind }>,
  "kind"
>;

const RESULTS: Shape = record(
  object<{ correct: number; count: number }>({ correct: count, count }),
);

const KINDS: Readonly<Record<LogLine["kind"], Shape>> = {
  start: object<Line<"start">>({
    ...PLACE,
    experiment: text,
    seed: count,
    time: text,
  }),
  steps: MEANS,
  epoch: MEANS,
  evaluation: object<Line<"evaluation">>({
    ...PLACE,
    network: oneOf("student", "teacher"),
    split: text,
    results: RESULTS,
    seconds: number,
  }),
  saved: object<Line<"saved">>({ ...PLACE, seconds: number }),
  diverged: object<Line<"diverged">>({ ...PLACE, what: text }),
  resume: object<Line<"resume">>({ ...PLACE, changes: list(text), time: text }),
  end: object<Line<"end">>({ ...PLACE, seconds: number, time: text }),
};

const LINE: Shape = tagged("kind", KINDS);

/** An open log that lines are added to. One per file. */
export class RunLog {
  readonly #file: Deno.FsFile;
  readonly #path: string;

  private constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /**
   * Opens the log at `path` to add lines, or makes one. Lines that the checkpoint does
   * not follow from, and an unfinished one, are cut off first.
   *
   * @param options.step The checkpoint's; null where the run begins anew.
   * @throws {UserError} if the file is no log.
   */
  static async open(
    path: string,
    { step }: { readonly step: number | null },
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
    parseLine(text, `line ${i + 1} of ${path}`)
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

function parseLine(text: string, source: string): LogLine {
  return checkShape<LogLine>(parseJson(text, source), { shape: LINE, source });
}
