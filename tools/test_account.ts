/**
 * Where the time of a run of the tests went: what `deno test` and the shell's `times`
 * printed for each file, and a table of the slowest.
 *
 * @module
 */

/** How many tests had which end. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

/** What the output of a file's process tells. */
export interface ParsedOutput {
  /** The output without the lines of `times`. */
  readonly output: string;
  readonly counts: TestCounts;
  /** Seconds that processors worked, for the process and those that it started. */
  readonly processor: number;
}

/** A file whose tests have been run. */
export interface TestedFile extends ParsedOutput {
  readonly name: string;
  readonly passed: boolean;
  /** Seconds from start to end. */
  readonly seconds: number;
}

/** How many files the account names. */
const NAMED = 15;

/** Reads what `deno test` printed, followed by what the shell's `times` printed. */
export function parseOutput(text: string): ParsedOutput {
  const lines = text.trimEnd().split("\n");
  const output = lines.slice(0, -2).join("\n").trimEnd();
  const summary = output.match(/^(ok|FAILED) \| .*/gm)?.at(-1) ?? "";
  const count = (word: string) =>
    Number(new RegExp(`(\\d+) ${word}\\b`).exec(summary)?.[1] ?? 0);
  return {
    output,
    counts: {
      passed: count("passed"),
      failed: count("failed"),
      ignored: count("ignored"),
    },
    processor: secondsOf(lines.at(-1) ?? ""),
  };
}

/** The sum of a line such as `1m2.500s 0m0.300s`: in programs and in the system. */
function secondsOf(times: string): number {
  let seconds = 0;
  for (const [, m, s] of times.matchAll(/(\d+)m([\d.]+)s/g)) {
    seconds += 60 * Number(m) + Number(s);
  }
  return seconds;
}

/** The slowest files, all files' time, and how many tests passed. */
export function accountText(
  files: readonly TestedFile[],
  { seconds, atOnce }: { readonly seconds: number; readonly atOnce: number },
): string {
  const slowest = [...files].sort((a, b) => b.processor - a.processor)
    .slice(0, NAMED);
  const row = (processor: number, wall: number, name: string) =>
    `${processor.toFixed(1).padStart(11)} ${
      wall.toFixed(1).padStart(8)
    }  ${name}`;
  const sum = (of: (file: TestedFile) => number) =>
    files.reduce((total, file) => total + of(file), 0);
  const processor = sum((file) => file.processor);
  const failed = files.filter(({ passed }) => !passed);
  return [
    "",
    "processor s   wall s  the slowest files",
    ...slowest.map((file) => row(file.processor, file.seconds, file.name)),
    row(processor, seconds, `all ${files.length}, ${atOnce} at a time`),
    "",
    ...failed.map(({ name }) => `FAILED ${name}`),
    `${failed.length ? "FAILED" : "ok"} | ${
      sum(({ counts }) => counts.passed)
    } passed | ${sum(({ counts }) => counts.failed)} failed | ${
      sum(({ counts }) => counts.ignored)
    } ignored`,
  ].join("\n");
}
