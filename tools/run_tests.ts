/**
 * Runs the tests: each file in a process of its own, several at a time, and ends with
 * an account of where the time went. What a file prints is shown only where it fails,
 * so that the log of a run has a line for each file.
 *
 *     deno task test                          every file, the types, and the examples
 *                                             in the documentation
 *     deno task test tests/ops                the files of a folder
 *     deno task test tests/ops --filter relu  with options of `deno test`
 *
 * `DENO_JOBS` says how many files run at once; without it, one for each core and at
 * most eight, as each opens the device. The slowest files start first: one that starts
 * last would keep one core at work and the others idle.
 *
 * @module
 */

import { accountText, parseOutput, type TestedFile } from "./test_account.ts";

const ROOT = new URL("..", import.meta.url);

/** What tests may do; a test that starts the program gives it the task's permissions. */
const PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-run=deno,sh",
  "--allow-net=127.0.0.1",
  "--allow-env=FORCE_COLOR,FRPAT_DATA,HOME,LOCALAPPDATA,NODE_DISABLE_COLORS,NO_COLOR,PATH,TERM,XDG_CACHE_HOME",
];

/** Where the examples are that the documentation shows. */
const DOCUMENTATION = ["mod.ts", "README.md", "src"];

/** The files that take longest, slowest first where no kernel is compiled yet. */
export const SLOWEST = [
  "tests/ops/conv/algorithms_test.ts",
  "tests/nn/networks_test.ts",
  "tests/ops/conv/algorithm_variants_test.ts",
  "tests/cli/run_test.ts",
  "tests/cli/sweep_test.ts",
  "tests/trainer/trainer_test.ts",
  "tests/ops/half_test.ts",
  "tests/trainer/conformance_test.ts",
  "tests/publish_test.ts",
  "tests/methods/attacks/attack_test.ts",
  "tests/trainer/any_experiment_test.ts",
  "tests/report/browser_test.ts",
  "tests/ops/norm/batch_norm_test.ts",
  "tests/ops/conv/conv2d_test.ts",
  "tests/step/pytorch_test.ts",
  "tests/cli/permissions_test.ts",
  "tests/methods/objective_test.ts",
  "tests/ops/conv/algorithms/implicit_gemm_test.ts",
  "tests/cli/stop_test.ts",
  "tests/weights/hostile_torch_file_test.ts",
];

/** One process: its name in the account, and the words after `deno`. */
export interface Job {
  readonly name: string;
  readonly words: readonly string[];
}

/** The processes of a run, in the order in which they start. */
export function jobsOf(words: readonly string[]): Job[] {
  const paths = words.filter((word) => !word.startsWith("-") && exists(word));
  const options = words.filter((word) => !paths.includes(word));
  const test = ["test", ...PERMISSIONS, ...options];
  const files = paths.length ? paths.flatMap(testFiles) : testFiles("tests");
  const jobs = files.sort(bySpeed).map((name) => ({
    name,
    words: [...test, "--no-check", name],
  }));
  if (paths.length) return jobs;
  const examples = [...test, "--no-check", "--doc", ...DOCUMENTATION];
  return [
    { name: "types", words: ["check", "--quiet", "--doc"] },
    ...jobs.slice(0, 1),
    { name: "examples in the documentation", words: examples },
    ...jobs.slice(1),
  ];
}

/** The files with tests in a folder, or the file itself. */
function testFiles(path: string): string[] {
  if (!Deno.statSync(new URL(path, ROOT)).isDirectory) return [path];
  const folder = path.replace(/\/*$/, "");
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap((entry) => {
    const inside = `${folder}/${entry.name}`;
    if (entry.isDirectory) return testFiles(inside);
    return /_test\.ts$/.test(entry.name) ? [inside] : [];
  });
}

function exists(path: string): boolean {
  try {
    return Boolean(Deno.statSync(new URL(path, ROOT)));
  } catch {
    return false;
  }
}

/** The slowest files first, the others by name. */
function bySpeed(a: string, b: string): number {
  const place = (name: string) => {
    const at = SLOWEST.indexOf(name);
    return at < 0 ? SLOWEST.length : at;
  };
  return place(a) - place(b) || (a < b ? -1 : 1);
}

/** Runs one job in a shell that says at its end how long processors worked for it. */
async function run({ name, words }: Job): Promise<TestedFile> {
  const start = performance.now();
  const script = 'deno "$@" 2>&1; code=$?; echo; times; exit $code';
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", ...words],
    cwd: ROOT,
    env: {
      NO_COLOR: "1",
      LP_NUM_THREADS: Deno.env.get("LP_NUM_THREADS") ?? "0",
    },
    stdin: "null",
    stderr: "inherit",
  }).output();
  const seconds = (performance.now() - start) / 1e3;
  const output = new TextDecoder().decode(stdout);
  return { name, passed: code === 0, seconds, ...parseOutput(output) };
}

/** Runs `jobs`, `atOnce` at a time, in their order. */
async function runAll(
  jobs: readonly Job[],
  { atOnce }: { readonly atOnce: number },
): Promise<TestedFile[]> {
  const done: TestedFile[] = [];
  const left = jobs.values();
  const work = async () => {
    for (const job of left) {
      const tested = await run(job);
      done.push(tested);
      print(fileText(tested));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return done;
}

/** A line for the file, after what it printed of tests that did not pass. */
function fileText(tested: TestedFile): string {
  const { name, passed, counts, seconds, processor, output } = tested;
  const shown = output.split("\n").filter((line) =>
    passed ? / \.\.\. ignored /.test(line) : !/ \.\.\. ok /.test(line)
  );
  const tests = counts.passed ? `${counts.passed} tests, ` : "";
  const verdict = passed ? "ok    " : "FAILED";
  const times = `${seconds.toFixed(1)} s, ${
    processor.toFixed(1)
  } s of processors`;
  shown.push(`${verdict} ${name} (${tests}${times})`);
  return shown.join("\n");
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** How many files run at once. */
function filesAtOnce(): number {
  const asked = Number(Deno.env.get("DENO_JOBS"));
  return asked >= 1 ? asked : Math.min(8, navigator.hardwareConcurrency);
}

if (import.meta.main) {
  const start = performance.now();
  const atOnce = filesAtOnce();
  const files = await runAll(jobsOf(Deno.args), { atOnce });
  const seconds = (performance.now() - start) / 1e3;
  print(accountText(files, { seconds, atOnce }));
  Deno.exit(files.every(({ passed }) => passed) ? 0 : 1);
}
