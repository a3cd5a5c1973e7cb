// The command that goes on with a run, for messages.

import { commandLine } from "../../base/command_line.ts";
import type { JoinedRanks } from "./train_ranks.ts";

/** A run, and how it was asked for. */
export interface ResumableRun {
  /** Its folder. */
  readonly path: string;
  readonly data: string | undefined;
  readonly strict: boolean;
  readonly keepGoing: boolean;
  readonly tensorboard: boolean;
  /** How measures at the end were asked for. */
  readonly measureWords: readonly string[];
  readonly ranks: JoinedRanks | null;
}

/** The command that goes on with a run. */
export function resumeCommand(
  { path, data, strict, keepGoing, tensorboard, measureWords, ranks }:
    ResumableRun,
): string {
  const words = ["--resume", "--out", path, ...measureWords];
  if (data !== undefined) words.push("--data", data);
  if (strict) words.push("--strict");
  if (keepGoing) words.push("--keep-going");
  if (tensorboard) words.push("--tensorboard");
  if (!ranks) return commandLine("train", words);
  // It goes on with any number of ranks, and with none.
  if (ranks.sharesGpu) words.push("--share-gpu");
  const { size } = ranks.communicator;
  return `mpiexec -n ${size} ${commandLine("train:ranks", words)}`;
}
