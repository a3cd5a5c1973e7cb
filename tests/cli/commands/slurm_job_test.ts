// The script of an array job, run by sh with a stub program in place of a sweep. What a
// real Slurm makes of it is checked by tools/slurm/check.sh.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { UsageError } from "../../../src/base/errors.ts";
import { slurmScript } from "../../../src/cli/commands/slurm_job.ts";
import { ROOT } from "../../support/program.ts";
import { withFolder } from "../../support/temporary_folder.ts";

const JOB = {
  out: "runs/my grid",
  runs: 8,
  words: ["shapes/*", "--set=objective.beta=1,2"],
  options: "--gres=gpu:1 --time=8:00:00",
};

Deno.test("slurmScript() has a task for each run, and the user's options last", () => {
  const script = slurmScript(JOB);
  const directives = script.split("\n").filter((line) => /^#SBATCH/.test(line));
  assertEquals(directives.slice(1, 3), [
    "#SBATCH --array=1-8",
    '#SBATCH --output="runs/my grid/slurm-%A_%a.log"',
  ]);
  assertEquals(directives.at(-1), `#SBATCH ${JOB.options}`);
  assertStringIncludes(
    script,
    "\ndeno task sweep 'shapes/*' '--set=objective.beta=1,2' " +
      '--shard "$SLURM_ARRAY_TASK_ID/8" &\n',
  );
});

Deno.test("slurmScript() refuses what would add lines to the script", () => {
  const refused = [{ options: "-N1\nrm -r x" }, { out: "a\nb" }, { out: 'a"' }];
  for (const part of refused) {
    assertThrows(() => slurmScript({ ...JOB, ...part }), UsageError);
  }
});

/** Puts a command on the PATH of a test. */
async function stub(folder: string, name: string, body: string): Promise<void> {
  const path = join(folder, name);
  await Deno.writeTextFile(path, `#!/bin/sh\n${body}\n`);
  await Deno.chmod(path, 0o755);
}

/** Runs the script as Slurm would, and signals it; what it printed, and its code. */
async function task(
  folder: string,
  signal: Deno.Signal | null,
): Promise<string> {
  await stub(folder, "scontrol", 'echo "scontrol $*"');
  await stub(
    folder,
    "deno",
    "trap 'echo saved; exit 130' TERM; echo \"$*\"; " +
      (signal ? "while :; do sleep 0.1; done" : "exit 3"),
  );
  const script = join(folder, "sweep.sbatch");
  await Deno.writeTextFile(script, slurmScript(JOB));
  const child = new Deno.Command("sh", {
    args: [script],
    env: {
      PATH: `${folder}:${Deno.env.get("PATH")}`,
      SLURM_ARRAY_TASK_ID: "3",
      SLURM_ARRAY_JOB_ID: "77",
    },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let out = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (out === "" && signal) child.kill(signal);
    out += part;
  }
  return `${out}${(await child.status).code}`;
}

const ASKED = "task sweep shapes/* --set=objective.beta=1,2 --shard 3/8\n";

Deno.test({
  name: "a task saves at a signal, and requeues itself before a time limit",
  ignore: Deno.build.os === "windows",
}, () =>
  withFolder(async (folder) => {
    const requeued = "saved\nscontrol requeue 77_3\n130";
    assertEquals(await task(folder, "SIGUSR1"), ASKED + requeued);
    assertEquals(await task(folder, "SIGTERM"), `${ASKED}saved\n130`);
    assertEquals(await task(folder, null), `${ASKED}3`);
  }));

Deno.test({
  name: "sweep --slurm submits its script, and says what makes the table",
  ignore: Deno.build.os === "windows",
}, () =>
  withFolder(async (folder) => {
    await stub(folder, "sbatch", 'echo "Submitted $*"; exit 0');
    const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
    const [, ...args] = tasks.sweep.command.split(" ");
    const words = ["shapes/trades", "--set", "objective.beta=1,2,3", "--slurm"];
    const out = join(folder, "runs");
    const { code, stdout } = await new Deno.Command("deno", {
      args: [...args, ...words, "--out", out, "--slurm-options", "--time=5"],
      cwd: ROOT,
      env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
      stderr: "inherit",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, text);
    const script = `${out}/sweep.sbatch`;
    assertStringIncludes(text, `Submitted ${script}\n`);
    assertStringIncludes(text, "has a task for each of 3 runs");
    assertStringIncludes(text, `'--set=objective.beta=1,2,3' --table`);
    assertStringIncludes(
      await Deno.readTextFile(script),
      "\n#SBATCH --array=1-3\n",
    );
  }));
