// What a training run is given.

import type { Experiment } from "../config/experiment.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Device } from "../gpu/device.ts";
import type { RunFolder } from "../runs/run_folder.ts";
import type { TrainingEvent } from "./events.ts";
import type { PretrainedTeacher } from "./pretrained_teacher.ts";

/** What to train, on what, and where. */
export interface TrainOptions {
  readonly device: Device;
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  /** A folder created for this run, or opened to resume it. */
  readonly folder: RunFolder;
  /** Whether to continue from the folder's last checkpoint. */
  readonly resume: boolean;
  /** What the teacher starts from, where the experiment's was trained before. */
  readonly teacher?: PretrainedTeacher | null;
  /** Whether to go on where numbers are no numbers any more; not if left out. */
  readonly keepGoing?: boolean;
  /** What differs from where the run was started, for the log of a resumed run. */
  readonly changes?: readonly string[];
  /** Stops the run after the step under way, with everything saved. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
}
