// The option `--checkpoint`: which checkpoint of a run a command uses.

import { fileInfo } from "../../base/disk.ts";
import { type Checkpoint, loadCheckpoint } from "../../runs/checkpoint.ts";
import { keptCheckpoint, type RunFolder } from "../../runs/run_folder.ts";
import { UsageError, UserError } from "../../base/errors.ts";
import type { Option } from "./syntax.ts";
import type { Invocation } from "./invocation.ts";

/** Chooses a checkpoint. */
export const CHECKPOINT: Option = {
  name: "checkpoint",
  value: "NAME",
  about: "Of a run: best (the default), last, or an epoch that was kept",
};

/** A checkpoint and its file. */
export interface ChosenCheckpoint extends Checkpoint {
  /** The path of the file. */
  readonly source: string;
}

/**
 * The checkpoint that was asked for.
 *
 * @throws {UserError} if the run has none yet, or it is damaged or another run's.
 */
export async function chosenCheckpoint(
  folder: RunFolder,
  invocation: Invocation,
): Promise<ChosenCheckpoint> {
  const name = invocation.value("checkpoint") ?? "best";
  return await checkpointOf(folder, { name, option: "checkpoint" });
}

/** What a checkpoint is called, and the option that calls it so. */
interface CheckpointName {
  readonly name: string;
  readonly option: string;
}

/**
 * The checkpoint of a name.
 *
 * @throws {UserError} as {@linkcode chosenCheckpoint}.
 */
export async function checkpointOf(
  folder: RunFolder,
  wanted: CheckpointName,
): Promise<ChosenCheckpoint> {
  const source = await checkpointPath(folder, wanted);
  const { experiment } = folder;
  return { source, ...await loadCheckpoint(source, { of: experiment }) };
}

async function checkpointPath(
  { files, path }: Pick<RunFolder, "files" | "path">,
  { name, option }: CheckpointName,
): Promise<string> {
  if (/^\d+$/.test(name)) {
    return await keptPath(path, { name, option });
  }
  if (name !== "best" && name !== "last") {
    throw new UsageError(
      `Cannot use --${option} ${name}: expected best, last or the number of ` +
        `an epoch but found ${name}`,
    );
  }
  const wanted = files[name];
  // A run that was stopped early has not chosen a best epoch yet.
  const source = await fileInfo(wanted) ? wanted : files.last;
  if (await fileInfo(source)) return source;
  throw new UserError(
    `Cannot use ${path}: expected a checkpoint but found none yet`,
  );
}

async function keptPath(
  path: string,
  { name, option }: CheckpointName,
): Promise<string> {
  const kept = keptCheckpoint(path, Number(name));
  if (await fileInfo(kept)) return kept;
  throw new UserError(
    `Cannot use --${option} ${name}: expected ${kept} but found no such file; ` +
      "a run keeps checkpoints with --set evaluation.keep=N",
  );
}
