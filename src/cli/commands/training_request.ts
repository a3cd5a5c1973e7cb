// Runs `train`: opens the device, loads the data, creates or opens the run's folder,
// prints what will be trained, and trains it.

import { renderCard } from "../../runs/card_table.ts";
import { fileInfo } from "../../base/disk.ts";
import { environmentChanges } from "../../runs/environment.ts";
import { stopOnInterrupt } from "./stop_on_interrupt.ts";
import { filesIn, RunFolder } from "../../runs/run_folder.ts";
import { DivergenceError } from "../../trainer/divergence.ts";
import { failUnread, noReader } from "../terminal/no_reader.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  train,
  type TrainingOutcome,
  type TrainOptions,
} from "../../trainer/trainer.ts";
import { TrainingDisplay } from "../terminal/training_display.ts";
import {
  DeviceError,
  EXIT,
  OutOfMemoryError,
  UserError,
} from "../../base/errors.ts";
import { openDevice } from "./machine.ts";
import { announceRun } from "./announce_run.ts";
import { type MeasuredRun, measureRun, type Measures } from "./measure_run.ts";
import { obtainAll, obtainDataset } from "./obtain_dataset.ts";
import {
  algorithmsOf,
  checkDevice,
  environmentOf,
  type PreparedRun,
  teacherOf,
} from "./prepare_run.ts";
import { resumeCommand } from "./resume_command.ts";
import { announceExperiment } from "./train_ranks.ts";
import { serveReport } from "./serve_report.ts";

/** The experiment to train, and the folder of the run. */
export interface TrainingRequest extends PreparedRun {
  readonly path: string;
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

/** Trains the experiment. Returns the exit code. */
export async function carryOut(
  request: TrainingRequest,
  terminal: Terminal,
): Promise<number> {
  const { experiment, path, begun, serve } = request;
  terminal.onFailure = failUnread;
  const teacher = await teacherOf(request);
  using device = await openDevice();
  await checkDevice(request, device);
  const algorithms = await algorithmsOf(request, { device, terminal });
  if (!algorithms) return EXIT.interrupted;
  const images = await obtainAll(request, terminal);
  const { dataset } = images;
  await announceExperiment(request.ranks, { experiment, device, images });
  const environment = await environmentOf(request, {
    device,
    images,
    teacher,
  });
  // Before there is a folder: a port that is taken leaves none behind.
  using server = serve === null ? null : await serveReport(path, serve);
  using folder = begun ??
    await RunFolder.create(path, { experiment, environment });
  const changes = [
    ...environmentChanges(folder.environment, environment),
    ...algorithms.changes,
  ];
  const notes = [...teacher?.notes ?? [], ...algorithms.notes];
  announceRun(terminal, { request, device, images, changes, notes });
  if (server) terminal.print(`The report grows at ${server.url}`);
  const found = { device, ...images, folder, teacher, changes };
  const options = { ...found, ...wishesOf(request) };
  const outcome = await trainTelling(terminal, { request, options });
  const run = { folder, measures: request.measures, device, dataset };
  return await concluded(outcome, { request, run, terminal });
}

/** The options of training that a request decides. */
function wishesOf(
  { experiment, path, begun, keepGoing, tensorboard }: TrainingRequest,
): Pick<
  TrainOptions,
  "experiment" | "resume" | "keepGoing" | "tensorboard"
> {
  return {
    experiment,
    resume: begun !== null,
    keepGoing,
    tensorboard: tensorboard ? `${path}/tensorboard` : undefined,
  };
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
  device.tune(folder.environment.adapter.tuned ?? {});
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
    terminal.warn(noReader(error).message);
    interruption.stop();
  };
  try {
    return await train({
      ...options,
      ranks: request.ranks && {
        communicator: request.ranks.communicator,
        onStopAsked: () => interruption.stop(),
      },
      // Ranks compile at once, on the cores that each of them has.
      compileOn: request.ranks ? 1 : navigator.hardwareConcurrency,
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
export async function withWayOn(
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
