// Runs `train`: opens the device, loads the data, creates or opens the run's folder,
// prints what will be trained, and trains it.

import { commandLine } from "../../base/command_line.ts";
import { renderCard } from "../../runs/card_table.ts";
import { fileInfo } from "../../base/disk.ts";
import { experimentExtent, extentIn } from "../../trainer/added_data.ts";
import { checkFits } from "../../step/device_fit.ts";
import {
  describeEnvironment,
  environmentChanges,
} from "../../runs/environment.ts";
import type { Experiment } from "../../config/experiment.ts";
import type { Device } from "../../gpu/device.ts";
import { stopOnInterrupt } from "./stop_on_interrupt.ts";
import { filesIn, RunFolder } from "../../runs/run_folder.ts";
import {
  type PretrainedTeacher,
  readTeacher,
} from "../../trainer/pretrained_teacher.ts";
import { DivergenceError } from "../../trainer/divergence.ts";
import { estimateRun } from "../../trainer/run_estimate.ts";
import { experimentNotes } from "../../config/experiment_notes.ts";
import { selectionNotes } from "../../config/selection_notes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  train,
  type TrainingOutcome,
  type TrainOptions,
} from "../../trainer/trainer.ts";
import { largestProgram } from "../../step/compiled_step.ts";
import { TrainingDisplay } from "../terminal/training_display.ts";
import {
  DeviceError,
  EXIT,
  OutOfMemoryError,
  UserError,
} from "../../base/errors.ts";
import {
  openDevice,
  ownCommit,
  precisionWarning,
  softwareWarning,
} from "./machine.ts";
import { type MeasuredRun, measureRun, type Measures } from "./measure_run.ts";
import {
  obtainAll,
  obtainDataset,
  type ObtainedImages,
} from "./obtain_dataset.ts";
import { runHeader } from "./run_header.ts";
import { serveReport } from "./serve_report.ts";

/** The experiment to train, and the folder of the run. */
export interface TrainingRequest {
  readonly experiment: Experiment;
  readonly path: string;
  /** The folder of a run that was begun before; null for a new one. */
  readonly begun: RunFolder | null;
  /** Where the data set's files are; downloaded if undefined. */
  readonly data: string | undefined;
  /** Whether an image that cannot be read ends loading. */
  readonly strict: boolean;
  /** Whether to train on where a loss is no number any more. */
  readonly keepGoing: boolean;
  /** Whether to write event files for TensorBoard. */
  readonly tensorboard: boolean;
  /** The port to serve the run's report at meanwhile; 0 for any, null for none. */
  readonly serve: number | null;
  /** What is measured once it is finished, beside its own evaluation. */
  readonly measures: Measures;
  /** How that was asked for, for the command that goes on. */
  readonly measureWords: readonly string[];
}

/** The warning on standard error after standard output was closed. */
const NO_READER =
  "Cannot write to standard output: expected a reader but found none any more";

/** Trains the experiment. Returns the exit code. */
export async function carryOut(
  request: TrainingRequest,
  terminal: Terminal,
): Promise<number> {
  const { experiment, path, begun, serve } = request;
  const teacher = await teacherOf(request);
  using device = await openDevice();
  await checkDevice(request, device);
  const images = await obtainAll(request, terminal);
  const { dataset } = images;
  const environment = await describeEnvironment({
    device,
    ...images,
    commit: await ownCommit(),
    teacher: teacher ?? begun?.environment.teacher ?? null,
  });
  // Before there is a folder: a port that is taken leaves none behind.
  using server = serve === null ? null : await serveReport(path, serve);
  using folder = begun ??
    await RunFolder.create(path, { experiment, environment });
  const changes = environmentChanges(folder.environment, environment);
  announce(terminal, { request, device, images, changes });
  if (server) terminal.print(`The report grows at ${server.url}`);
  const outcome = await trainTelling(terminal, {
    request,
    options: {
      device,
      experiment,
      ...images,
      folder,
      teacher,
      resume: begun !== null,
      keepGoing: request.keepGoing,
      tensorboard: request.tensorboard ? `${path}/tensorboard` : undefined,
      changes,
    },
  });
  const run = { folder, measures: request.measures, device, dataset };
  return await concluded(outcome, { request, run, terminal });
}

/** Measures more of a finished run, and prints how it ended. Returns the exit code. */
async function concluded(
  outcome: TrainingOutcome,
  { request, run, terminal }: {
    readonly request: TrainingRequest;
    readonly run: MeasuredRun;
    readonly terminal: Terminal;
  },
): Promise<number> {
  terminal.clear();
  if (outcome.finished) return await measured(run, { request, terminal });
  terminal.warn(
    `Stopped and saved after step ${outcome.step}. To go on:\n  ` +
      resumeCommand(request),
  );
  return EXIT.interrupted;
}

/** Measures what was asked for of a finished run, and shows its card. */
async function measured(
  run: MeasuredRun,
  { request, terminal }: {
    readonly request: TrainingRequest;
    readonly terminal: Terminal;
  },
): Promise<number> {
  const done = await measureRun(run, terminal);
  if (!done) {
    terminal.warn(`To go on:\n  ${resumeCommand(request)}`);
    return EXIT.interrupted;
  }
  const card = renderCard((await run.folder.readCard())!);
  terminal.print(`\n${card}`, { wrap: true });
  terminal.print(`The run is in ${request.path}`);
  return EXIT.done;
}

/** Measures what the card of a finished run lacks. Returns the exit code. */
export async function measureFinished(
  request: TrainingRequest & { readonly begun: RunFolder },
  terminal: Terminal,
): Promise<number> {
  const { experiment, begun: folder, data, strict, measures } = request;
  using device = await openDevice();
  const from = { folder: data, strict, terminal };
  const dataset = await obtainDataset(experiment.data, from);
  const run = { folder, measures, device, dataset };
  return await measured(run, { request, terminal });
}

/** Trains until the end or until a request to stop, and shows the progress. */
async function trainTelling(
  terminal: Terminal,
  { request, options }: {
    readonly request: TrainingRequest;
    readonly options: TrainOptions;
  },
): Promise<TrainingOutcome> {
  const display = new TrainingDisplay(terminal);
  using interruption = stopOnInterrupt(terminal);
  // The reader of the output may be gone, or its disk full. The run saves and stops,
  // since its progress could not be seen.
  terminal.onFailure = (error) => {
    terminal.warn(error instanceof UserError ? error.message : NO_READER);
    interruption.stop();
  };
  try {
    return await train({
      ...options,
      signal: interruption.signal,
      onEvent: (event) => {
        // Before, kernels are compiled, which no handler interrupts.
        if (event.kind === "start") interruption.listen();
        display.show(event);
      },
    });
  } catch (error) {
    throw await withWayOn(error, request);
  }
}

/** An error with the command that goes on, where one does. */
async function withWayOn(
  error: unknown,
  request: TrainingRequest,
): Promise<unknown> {
  if (error instanceof DivergenceError) {
    const all = resumeCommand({ ...request, keepGoing: true });
    return new UserError(
      `${error.message}. To train on all the same:\n  ${all}`,
      {
        cause: error,
      },
    );
  }
  const { last } = filesIn(request.path);
  const isLost = error instanceof DeviceError &&
    !(error instanceof OutOfMemoryError);
  if (!isLost || !await fileInfo(last)) return error;
  const message =
    `${error.message}\nThe run goes on from its last checkpoint ` +
    `by\n  ${resumeCommand(request)}`;
  return new DeviceError(message, { cause: error });
}

/** The teacher that a run starts from, unless a checkpoint has it already. */
async function teacherOf(
  { experiment, begun, data }: TrainingRequest,
): Promise<PretrainedTeacher | null> {
  if (begun && await fileInfo(begun.files.last)) return null;
  const extent = await experimentExtent(experiment, { folder: data });
  return await readTeacher(experiment, extent);
}

/** Prints what will be trained, notes and warnings. */
function announce(
  terminal: Terminal,
  { request: { experiment, path }, device, images, changes }: {
    readonly request: TrainingRequest;
    readonly device: Device;
    readonly images: ObtainedImages;
    /** Changes of the environment since the run began. */
    readonly changes: readonly string[];
  },
): void {
  const { adapter } = device;
  const { dataset } = images;
  const extent = extentIn(images);
  const estimate = estimateRun(experiment, { extent, target: adapter });
  const header = runHeader({ experiment, adapter, dataset, estimate, path });
  terminal.print(header, { wrap: true });
  const notes = [
    ...dataset.notes,
    ...estimate.notes,
    ...experimentNotes(experiment),
    ...selectionNotes(experiment.evaluation),
    ...changes.map((change) => `Since the run began, ${change}`),
  ];
  for (const note of notes) terminal.print(`Note: ${note}`, { wrap: true });
  const warnings = [
    precisionWarning(device, experiment),
    softwareWarning(device, {
      flops: estimate.flopsPerEpoch * experiment.epochs,
      cores: navigator.hardwareConcurrency,
    }),
  ];
  for (const text of warnings) if (text !== null) terminal.warn(text);
  terminal.print();
}

/** Throws if the device is too small for training on the official data set. */
async function checkDevice(
  { experiment, data }: TrainingRequest,
  device: Device,
): Promise<void> {
  const extent = await experimentExtent(experiment, { folder: data });
  const { step } = estimateRun(experiment, { extent, target: device.adapter });
  checkFits(largestProgram(step), {
    limits: device.limits,
    device: device.adapter.description,
  });
}

/** The command that goes on with a run. */
function resumeCommand(
  { path, data, strict, keepGoing, tensorboard, measureWords }: TrainingRequest,
): string {
  const words = ["--resume", "--out", path, ...measureWords];
  if (data !== undefined) words.push("--data", data);
  if (strict) words.push("--strict");
  if (keepGoing) words.push("--keep-going");
  if (tensorboard) words.push("--tensorboard");
  return commandLine("train", words);
}
