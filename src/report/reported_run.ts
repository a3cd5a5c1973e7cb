// A run as reports show it, read from its folder, whether the run is finished, in training
// or was stopped.

import { fileInfo } from "../base/disk.ts";
import type { RunRecord } from "../runs/run_folder.ts";
import { RunFolder } from "../runs/run_folder.ts";
import type { ResultCard } from "../runs/result_card.ts";
import type { LogLine } from "../runs/log_line.ts";
import { readLog } from "../runs/run_log.ts";
import { type Picture, storedPictures } from "./figures/picture.ts";

/** A run as a report needs it. */
export interface ReportedRun extends RunRecord {
  /** The folder, as it was given. */
  readonly path: string;
  readonly lines: readonly LogLine[];
  /** The result; null while there is none. */
  readonly card: ResultCard | null;
  /** Figures in the run's folder. */
  readonly pictures: readonly Picture[];
}

/**
 * Reads a run.
 *
 * @throws {UserError} if the folder holds no run, or a damaged one.
 */
export async function readRun(path: string): Promise<ReportedRun> {
  using folder = await RunFolder.open(path);
  const { experiment, environment, files } = folder;
  return {
    path,
    experiment,
    environment,
    lines: await fileInfo(files.log) ? await readLog(files.log) : [],
    card: await folder.readCard(),
    pictures: await storedPictures(path),
  };
}
