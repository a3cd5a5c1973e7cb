// The option `--checkpoint`: which checkpoint of a run a command uses.

import { fileInfo } from "../../base/disk.ts";
import type { RunFolder } from "../../runs/run_folder.ts";
import { UsageError, UserError } from "../../base/errors.ts";
import type { Option } from "./syntax.ts";
import type { Invocation } from "./invocation.ts";

/** Chooses a checkpoint. */
export const CHECKPOINT: Option = {
  name: "checkpoint",
  value: "NAME",
  about: "Of a run: best (on the held-out images, the default) or last",
};

/**
 * The path of the checkpoint that was asked for.
 *
 * @throws {UserError} if the run has none yet.
 */
export async function checkpointPath(
  { files, path }: Pick<RunFolder, "files" | "path">,
  invocation: Invocation,
): Promise<string> {
  const name = invocation.value("checkpoint") ?? "best";
  if (name !== "best" && name !== "last") {
    throw new UsageError(
      `Cannot use --checkpoint ${name}: expected best or last but found ${name}`,
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
