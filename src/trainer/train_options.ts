// The options of a training run.

import type { Communicator } from "../base/communicator.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Device } from "../gpu/device.ts";
import type { RunFolder } from "../runs/run_folder.ts";
import type { TrainingEvent } from "./events.ts";
import type { AddedData } from "./session_images.ts";
import type { PretrainedTeacher } from "./pretrained_teacher.ts";

/** The experiment, the images, the device and the folder. */
export interface TrainOptions {
  readonly device: Device;
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  /** A folder created for this run, or opened to resume it. */
  readonly folder: RunFolder;
  /** Whether to continue from the folder's last checkpoint. */
  readonly resume: boolean;
  /** The values of a pretrained teacher. */
  readonly teacher?: PretrainedTeacher | null;
  /** What is read beside the data set, where the experiment names some. */
  readonly added?: AddedData;
  /** Whether to continue after losses or weights stop being finite; false if left out. */
  readonly keepGoing?: boolean;
  /** Changes of the environment since the run was started, for the log. */
  readonly changes?: readonly string[];
  /** A folder for event files, which TensorBoard reads; none are written if left out. */
  readonly tensorboard?: string | undefined;
  /**
   * Processor cores that compile kernels before the first step, where the adapter is a
   * processor; if left out, each is compiled at its first dispatch, on one core.
   */
  readonly compileOn?: number;
  /** The ranks that train together, of which this is rank 0; it alone if left out. */
  readonly ranks?: TrainingRanks | null;
  /** Stops the run after the step under way, with everything saved. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
}

/** The ranks of a run, as rank 0 sees them. */
export interface TrainingRanks {
  readonly communicator: Communicator;
  /** Called where another rank was asked to stop. */
  readonly onStopAsked: () => void;
}
