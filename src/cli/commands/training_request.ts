// What `train` was asked for, carried out: the device and the data are looked at
// first, then the run's folder is made or opened, and what is about to happen is
// said before it does.

import { renderCard } from "../../runs/card_table.ts";
import { fileInfo } from "../../base/disk.ts";
import type { Dataset } from "../../data/dataset.ts";
import { extentOf } from "../../config/datasets.ts";
import { checkFits } from "../../step/device_fit.ts";
import {
  describeEnvironment,
  environmentChanges,
} from "../../runs/environment.ts";
import type { Experiment } from "../../config/experiment.ts";
import type { Device } from "../../gpu/device.ts";
import { Interruption } from "../terminal/interruption.ts";
import { RunFolder } from "../../runs/run_folder.ts";
import {
  type PretrainedTeacher,
  readTeacher,
} from "../../trainer/pretrained_teacher.ts";
import { planRun } from "../../trainer/run_plan.ts";
import { scheduleNotes } from "../../config/schedule_notes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { train } from "../../trainer/trainer.ts";
import { fullestProgram } from "../../step/compiled_step.ts";
import { TrainingDisplay } from "../terminal/training_display.ts";
import { EXIT, userError } from "../../base/errors.ts";
import { openDevice, ownCommit, softwareWarning } from "./machine.ts";
import { obtainDataset } from "./obtain_dataset.ts";
import { runHeader } from "./run_header.ts";

/** A run's folder, and what it is to be filled with. */
export interface TrainingRequest {
  readonly experiment: Experiment;
  readonly path: string;
  /** The folder of a run that was begun before; null for a new one. */
  readonly begun: RunFolder | null;
  /** Where the data set's files are; downloaded if undefined. */
  readonly data: string | undefined;
  /** Whether an image that cannot be read ends loading. */
  readonly strict: boolean;
  /** Whether to serve the run's report meanwhile. */
  readonly serve: boolean;
}

/** Trains what was asked for. Returns the exit code. */
export async function carryOut(
  request: TrainingRequest,
  terminal: Terminal,
): Promise<number> {
  const { experiment, path, begun, data, strict, serve } = request;
  const teacher = await teacherOf(request);
  using device = await openDevice();
  await checkDevice(request, device);
  const source = { folder: data, strict, terminal };
  const dataset = await obtainDataset(experiment.data, source);
  const commit = await ownCommit();
  const environment = await describeEnvironment({
    device,
    dataset,
    commit,
    teacher: teacher ?? begun?.environment.teacher ?? null,
  });
  using folder = begun ??
    await userError(() => RunFolder.create(path, { experiment, environment }));
  const changes = environmentChanges(folder.environment, environment);
  announce(terminal, { request, device, dataset, changes });
  using _server = serve ? await serveReport(path, terminal) : null;

  const display = new TrainingDisplay(terminal);
  using interruption = stopOnInterrupt(terminal);
  const outcome = await train({
    device,
    experiment,
    dataset,
    folder,
    teacher,
    resume: begun !== null,
    changes,
    signal: interruption.signal,
    onEvent: (event) => display.show(event),
  });
  terminal.clear();
  if (outcome.finished) {
    terminal.print(`\n${renderCard(outcome.card)}\nThe run is in ${path}`);
    return EXIT.done;
  }
  terminal.warn(
    `Stopped and saved after step ${outcome.step}. To go on:\n  ` +
      resumeCommand(request),
  );
  return EXIT.interrupted;
}

/** The teacher that a run starts from, unless a checkpoint has it already. */
async function teacherOf(
  { experiment, begun, data }: TrainingRequest,
): Promise<PretrainedTeacher | null> {
  if (begun && await fileInfo(begun.files.last)) return null;
  return await userError(async () => {
    const extent = await extentOf(experiment.data, { folder: data });
    return await readTeacher(experiment, extent);
  });
}

/** Says what is about to happen, and what to know before. */
function announce(
  terminal: Terminal,
  { request: { experiment, path }, device, dataset, changes }: {
    readonly request: TrainingRequest;
    readonly device: Device;
    readonly dataset: Dataset;
    /** What is not as it was when the run began. */
    readonly changes: readonly string[];
  },
): void {
  const { adapter } = device;
  const plan = planRun(experiment, {
    extent: {
      shape: dataset.shape,
      classes: dataset.classNames.length,
      train: dataset.train.count,
      test: dataset.test.count,
    },
    target: adapter,
  });
  terminal.print(runHeader({ experiment, adapter, dataset, plan, path }));
  const notes = [
    ...dataset.notes,
    ...scheduleNotes(experiment),
    ...changes.map((change) => `Since the run began, ${change}`),
  ];
  for (const note of notes) terminal.print(`Note: ${note}`);
  const warning = softwareWarning(device, {
    flops: plan.flopsPerEpoch * experiment.epochs,
    cores: navigator.hardwareConcurrency,
  });
  if (warning) terminal.warn(warning);
  terminal.print();
}

/** Refuses a device that is too small, by what the official data set would take. */
async function checkDevice(
  { experiment, data }: TrainingRequest,
  device: Device,
): Promise<void> {
  const extent = await userError(() =>
    extentOf(experiment.data, { folder: data })
  );
  const { programs } = planRun(experiment, { extent, target: device.adapter });
  checkFits(fullestProgram(programs), {
    limits: device.limits,
    device: device.adapter.description,
  });
}

/** Serves the run's report until it is disposed of. */
async function serveReport(
  run: string,
  terminal: Terminal,
): Promise<Disposable> {
  // What draws is large: it is loaded by those who want to see it.
  const { LiveServer } = await import("../../report/live_server.ts");
  const server = await LiveServer.start({ run, port: 0 });
  terminal.print(`The report grows at ${server.url}`);
  return server;
}

function stopOnInterrupt(terminal: Terminal): Interruption {
  return new Interruption({
    onFirst: () =>
      terminal.warn(
        "Stopping after this step, or the evaluation under way; Ctrl-C again " +
          "stops at once and loses what was not saved",
      ),
    onSecond: () => {
      terminal.clear();
      Deno.exit(EXIT.interrupted);
    },
  });
}

/** The command that goes on with a run. */
function resumeCommand({ path, data, strict }: TrainingRequest): string {
  const words = ["deno task train --resume --out", quoted(path)];
  if (data !== undefined) words.push("--data", quoted(data));
  if (strict) words.push("--strict");
  return words.join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}
