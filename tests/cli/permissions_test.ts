// A run from its start to its report with no more permissions than `denow` gives:
// the paths are those of tools/permissions.sh, the other flags those of the tasks.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { writeNpy } from "../support/npy_file.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url)).replace(/\/$/, "");

/** The lists of paths that a command line may read and write. */
async function paths(
  words: readonly string[],
  { cwd, cache }: { readonly cwd: string; readonly cache: string },
): Promise<readonly [read: string, write: string]> {
  const said = await outputOf("sh", {
    args: [
      "-euc",
      'home=$1 caches=$2 deno_cache=$3; shift 3; . "$home/tools/permissions.sh"; ' +
      'find_paths "$@"; printf "%s\\n%s" "$readable" "$writable"',
      ...["sh", ROOT, cwd, cache, ...words],
    ],
    cwd,
  });
  const [read = "", write = ""] = said.out.split("\n");
  return [read, write];
}

interface Ended {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

async function outputOf(
  program: string,
  options: Deno.CommandOptions,
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    ...options,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Runs a command of the program in a folder, as `denow` would. */
async function run(cwd: string, ...words: readonly string[]): Promise<Ended> {
  const { tasks } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "deno.json")),
  );
  const info = await outputOf("deno", { args: ["info", "--json"], cwd: ROOT });
  const cache = JSON.parse(info.out).denoDir;
  const [read, write] = await paths(words, { cwd, cache });
  const flags = tasks[words[0]!].command.split(" ").slice(2, -2).map(
    (flag: string) =>
      ({
        "--allow-read": `--allow-read=${read}`,
        "--allow-write": `--allow-write=${write}`,
      })[flag] ?? flag,
  );
  const own = ["run", "--no-prompt", `--config=${ROOT}/deno.json`];
  const args = [...own, ...flags, `${ROOT}/cli.ts`, ...words];
  return await outputOf("deno", { args, cwd, env: { NO_COLOR: "1" } });
}

const TINY = "epochs=1 data.train=96 data.test=16 batchSize=32 " +
  "evaluation.validation=32 evaluation.batchSize=16 student.width=4";

/** What is done with a run in a folder, one after the other. */
const STEPS: readonly string[] = [
  `train shapes/standard --out run --set ${TINY.replaceAll(" ", " --set ")}`,
  "evaluate run --attack clean,fgsm --limit 16",
  "figures run --limit 16",
  "report run",
  "report run --out page.html",
  "export run student.safetensors",
  "evaluate student.safetensors --network resnet8-4 --dataset shapes " +
  "--attack fgsm --source run --limit 8 --out card.json",
];

Deno.test({
  name: "every command needs no more than denow lets it do",
  ignore: Deno.build.os === "windows", // which has no denow
}, async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "permissions_test_" });
  const elsewhere = await Deno.makeTempDir({ prefix: "permissions_test_" });
  try {
    for (const step of STEPS) {
      await t.step(step, async () => {
        const { code, err } = await run(folder, ...step.split(" "));
        assertEquals(code, 0, err);
      });
    }
    await t.step("files that a setting's object names are read", async () => {
      const path = `${elsewhere}/features.npy`;
      const data = Float32Array.from({ length: 96 * 4 }, (_, i) => i % 7);
      await writeNpy(path, { shape: [96, 4], data });
      const settings = [
        ...TINY.split(" "),
        "teacher=null",
        `teacherFeatures={"from": "${path}"}`,
      ].flatMap((setting) => ["--set", setting]);
      const words = ["train", "shapes/vanilla-at-frpat", "--dry-run"];
      const { code, out, err } = await run(folder, ...words, ...settings);
      assertEquals(code, 0, err);
      assertStringIncludes(out, `are those of ${path}`);
    });
    await t.step("another folder is refused by the option's name", async () => {
      const words = ["train", "shapes/standard", "--out", "/proc/foo"];
      const { code, err } = await run(folder, ...words);
      assertEquals(code, 1);
      assertStringIncludes(err, "Cannot use --out /proc/foo: expected a place");
      assert(!err.includes("--allow"), err);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(elsewhere, { recursive: true });
  }
});
