// What a run needs before its first step: a teacher's weights, a device that is large
// enough, the algorithms to compute by, and the record of its environment.

import { fileInfo } from "../../base/disk.ts";
import type { Experiment } from "../../config/experiment.ts";
import type { Device } from "../../gpu/device.ts";
import {
  describeEnvironment,
  type Environment,
} from "../../runs/environment.ts";
import type { RunFolder } from "../../runs/run_folder.ts";
import { largestProgram } from "../../step/compiled_step.ts";
import { checkFits } from "../../step/device_fit.ts";
import { experimentExtent } from "../../trainer/added_data.ts";
import {
  type PretrainedTeacher,
  readTeacher,
} from "../../trainer/pretrained_teacher.ts";
import { estimateRun } from "../../trainer/run_estimate.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { ownCommit } from "./machine.ts";
import type { ObtainedImages } from "./obtain_dataset.ts";
import type { JoinedRanks } from "./train_ranks.ts";
import { type RunAlgorithms, useRunAlgorithms } from "./tuning.ts";

/** A run that is to begin or to go on. */
export interface PreparedRun {
  readonly experiment: Experiment;
  /** The folder of a run that was begun before; null for a new one. */
  readonly begun: RunFolder | null;
  /** Where the data set's files are; downloaded if undefined. */
  readonly data: string | undefined;
  /** The ranks that train it together, of which this is rank 0; null without any. */
  readonly ranks: JoinedRanks | null;
  /** Whether to measure algorithms before, where none are known. */
  readonly tune: boolean;
}

/** The teacher that a run starts from, unless a checkpoint has it already. */
export async function teacherOf(
  { experiment, begun, data }: PreparedRun,
): Promise<PretrainedTeacher | null> {
  if (begun && await fileInfo(begun.files.last)) return null;
  const extent = await experimentExtent(experiment, { folder: data });
  return await readTeacher(experiment, extent);
}

/** Lets the device compute as the run has to; null if measuring for it was stopped. */
export async function algorithmsOf(
  { experiment, data, begun, tune }: PreparedRun,
  { device, terminal }: {
    readonly device: Device;
    readonly terminal: Terminal;
  },
): Promise<RunAlgorithms | null> {
  const extent = await experimentExtent(experiment, { folder: data });
  const before = begun ? begun.environment.adapter.tuned ?? {} : null;
  const run = { experiment, extent, begun: before, tune };
  return await useRunAlgorithms(device, { run, terminal });
}

/** Throws if the device is too small for training on the official data set. */
export async function checkDevice(
  { experiment, data, ranks }: PreparedRun,
  device: Device,
): Promise<void> {
  const extent = await experimentExtent(experiment, { folder: data });
  const { step } = estimateRun(experiment, {
    extent,
    target: device.adapter,
    ranks: ranks && ranks.communicator,
  });
  checkFits(largestProgram(step), {
    limits: device.limits,
    device: device.adapter.description,
  });
}

/** The environment of this process, to be compared with that of the run's begin. */
export async function environmentOf(
  { begun, ranks }: PreparedRun,
  { teacher, images, device }: {
    readonly device: Device;
    readonly images: ObtainedImages;
    readonly teacher: PretrainedTeacher | null;
  },
): Promise<Environment> {
  return await describeEnvironment({
    device,
    ...images,
    commit: await ownCommit(),
    teacher: teacher ?? begun?.environment.teacher ?? null,
    ranks: ranks?.communicator.size,
  });
}
