// A sweep as one array job of Slurm: a task for each run, written as a script that
// `sbatch` starts as often as somebody likes. A task goes on where its run stands.
//
// Slurm sends SIGUSR1 before the time limit and SIGTERM where it takes the node away.
// Both save the run. After SIGUSR1 the task puts itself back into the queue; after
// SIGTERM it does not, since `scancel` sends that too, and Slurm itself requeues what it
// took the node from.

import { writeAtomically } from "../../base/atomic_write.ts";
import { commandLine } from "../../base/command_line.ts";
import { makeFolder } from "../../base/disk.ts";
import { UsageError, UserError } from "../../base/errors.ts";
import { startProgram } from "./train_process.ts";

/** What an array job is made of. */
export interface SlurmJob {
  /** The folder of the runs, which gets the script and the logs. */
  readonly out: string;
  /** How many runs there are, and so tasks. */
  readonly runs: number;
  /** The words behind `sweep`, without those that are about Slurm. */
  readonly words: readonly string[];
  /** Options of `sbatch`, as one writes them behind `#SBATCH`. */
  readonly options: string | undefined;
}

/** Runs the sweep with a shard behind it, and passes signals on. */
const BODY = `requeue= stop= sweep=
trap 'stop=yes requeue=yes; kill -TERM "$sweep" 2>/dev/null' USR1
trap 'stop=yes; kill -TERM "$sweep" 2>/dev/null' TERM

SWEEP &
sweep=$!
# A signal may come before there is anything to pass it on to.
[ -z "$stop" ] || kill -TERM "$sweep"
# A signal ends wait before the sweep has ended.
while :; do
  code=0
  wait "$sweep" || code=$?
  kill -0 "$sweep" 2>/dev/null || break
done
if [ -n "$requeue" ] && [ "$code" -ge 128 ]; then
  scontrol requeue "\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
fi
exit "$code"
`;

/**
 * The script of an array job.
 *
 * @throws {UsageError} for options or a folder that do not fit into a line of it.
 */
export function slurmScript(job: SlurmJob): string {
  checkLines(job);
  const { out, runs, words, options } = job;
  const sweep = commandLine("sweep", words) +
    ` --shard "$SLURM_ARRAY_TASK_ID/${runs}"`;
  return [
    "#!/bin/sh",
    "# One task for each run of a sweep. Run sbatch with this file to go on with them.",
    "#SBATCH --job-name=sweep",
    `#SBATCH --array=1-${runs}`,
    `#SBATCH --output="${out}/slurm-%A_%a.log"`,
    "#SBATCH --open-mode=append",
    "#SBATCH --requeue",
    "#SBATCH --signal=B:USR1@120",
    ...options?.trim() ? [`#SBATCH ${options.trim()}`] : [],
    "",
    BODY.replace("SWEEP", () => sweep),
  ].join("\n");
}

function checkLines({ out, options }: SlurmJob): void {
  if (/[\n\r]/.test(options ?? "")) {
    throw new UsageError(
      "Cannot use --slurm-options: expected one line but found several",
    );
  }
  if (/[\n\r"\\%]/.test(out)) {
    throw new UsageError(
      `Cannot use --out ${out} with --slurm: expected a name without line ` +
        "breaks, quotation marks, backslashes and percent signs but found some",
    );
  }
}

/**
 * Writes the script of an array job and submits it; with `wait`, returns when all tasks
 * have ended. Returns the script's path and whether `sbatch` went well: with `wait`,
 * whether all tasks did.
 *
 * @throws {UserError} if there is no `sbatch`.
 */
export async function submit(
  job: SlurmJob,
  { wait }: { readonly wait: boolean },
): Promise<{ readonly script: string; readonly succeeded: boolean }> {
  const script = `${job.out}/sweep.sbatch`;
  const text = slurmScript(job);
  await makeFolder(job.out);
  await writeAtomically(script, text);
  const args = [...wait ? ["--wait"] : [], script];
  try {
    const child = startProgram("sbatch", { args, stdin: "null" });
    return { script, succeeded: (await child.status).success };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UserError(
      `Cannot submit ${script}: expected sbatch on PATH but found none; this is ` +
        "for the login node of a cluster that runs Slurm",
      { cause: error },
    );
  }
}
