// `train`: a new run, or the rest of one. What can be refused is refused before
// anything long begins, such as a download.

import { renderCard } from "../runs/card_table.ts";
import { fileInfo } from "../data/disk.ts";
import type { Dataset } from "../data/dataset.ts";
import { extentOf } from "../experiments/datasets.ts";
import { checkFits } from "../training/device_fit.ts";
import {
  describeEnvironment,
  environmentChanges,
} from "../runs/environment.ts";
import type { Experiment } from "../experiments/experiment.ts";
import type { Device } from "../gpu/device.ts";
import { Interruption } from "../terminal/interruption.ts";
import { DEFAULT_RECIPE, recipe } from "../experiments/recipes.ts";
import { defaultRunPath, RunFolder } from "../runs/run_folder.ts";
import {
  type PretrainedTeacher,
  readTeacher,
} from "../training/pretrained_teacher.ts";
import { planRun } from "../training/run_plan.ts";
import { scheduleNotes } from "../experiments/schedule_notes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { train } from "../training/trainer.ts";
import { fullestProgram } from "../training/training_program.ts";
import { TrainingDisplay } from "../terminal/training_display.ts";
import { EXIT, UsageError, UserError, userError } from "../text/user_error.ts";
import type { Command } from "./command.ts";
import { dryRun } from "./dry_run.ts";
import {
  CHANGES,
  changesOf,
  chosenExperiment,
  DATA,
  RECIPE,
} from "./experiment_options.ts";
import type { Invocation } from "./invocation.ts";
import { openDevice, ownCommit, softwareWarning } from "./machine.ts";
import { obtainDataset } from "./obtain_dataset.ts";
import { runHeader } from "./run_header.ts";

/** Trains an experiment. */
export const TRAIN: Command = {
  name: "train",
  about: "Train a recipe, or go on with a run",
  operand: {
    ...RECIPE,
    required: false,
    about: `${RECIPE.about}; ${DEFAULT_RECIPE} if left out`,
  },
  options: [
    DATA,
    {
      name: "out",
      value: "DIR",
      about: "Folder of the run; runs/<recipe>-seed<seed> if left out",
    },
    ...CHANGES,
    { name: "resume", about: "Go on with the run in the folder" },
    {
      name: "dry-run",
      about: "Say what would run, what it takes and how long; write nothing",
    },
    {
      name: "serve",
      about:
        "Show the run's report in a browser of this machine, while it grows",
    },
  ],
  examples: [
    "train",
    "train table1/trades-frpat --data cifar-10-batches-bin --seed 2",
    "train shapes/trades --epochs 10 --set objective.beta=3 --out runs/beta3",
    "train table2/trades-frpat --dry-run",
    "train --resume --out runs/beta3",
  ],
  run: (invocation, terminal) => {
    const dry = invocation.flag("dry-run");
    if (!invocation.flag("resume")) {
      return dry
        ? planOnly(invocation, terminal)
        : startRun(invocation, terminal);
    }
    if (!dry) return resumeRun(invocation, terminal);
    throw new UsageError(
      "Cannot train: expected --dry-run or --resume but found both; a run " +
        "that goes on is as it was begun",
    );
  },
};

/** A run's folder, and what it is to be filled with. */
interface Request {
  readonly experiment: Experiment;
  readonly path: string;
  /** The folder of a run that was begun before; null for a new one. */
  readonly begun: RunFolder | null;
  /** Where the data set's files are; downloaded if undefined. */
  readonly data: string | undefined;
  /** Whether to serve the run's report meanwhile. */
  readonly serve: boolean;
}

/** Says what a run would be and take. */
async function planOnly(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const experiment = await chosenExperiment(invocation);
  const path = invocation.value("out") ?? defaultRunPath(experiment);
  const data = invocation.value("data");
  return await dryRun({ experiment, path, data }, terminal);
}

async function startRun(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const experiment = await chosenExperiment(invocation);
  const path = invocation.value("out") ?? defaultRunPath(experiment);
  if (await fileInfo(`${path}/experiment.json`)) {
    throw new UserError(
      `Cannot start a run in ${path}: expected a folder without a run but ` +
        "found one; go on with it by --resume, or choose another by --out",
    );
  }
  const data = invocation.value("data");
  const serve = invocation.flag("serve");
  const request = { experiment, path, begun: null, data, serve };
  return await carryOut(request, terminal);
}

async function resumeRun(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const path = invocation.value("out") ?? await userError(
    () => defaultRunPath(namedRun(invocation)),
    UsageError,
  );
  using begun = await userError(() => RunFolder.resume(path));
  const { experiment } = begun;
  checkSame(experiment, invocation);
  const card = await begun.readCard();
  if (card) {
    terminal.print(`The run in ${path} is finished:\n\n${renderCard(card)}`);
    return EXIT.done;
  }
  const data = invocation.value("data");
  const serve = invocation.flag("serve");
  const request = { experiment, path, begun, data, serve };
  return await carryOut(request, terminal);
}

/** The recipe and seed that name a run's folder. */
function namedRun(invocation: Invocation): Pick<Experiment, "name" | "seed"> {
  const { name, seed } = recipe(invocation.operand ?? DEFAULT_RECIPE);
  return { name, seed: invocation.whole("seed", { least: 0 }) ?? seed };
}

/** Refuses to go on with a run as if it were another. */
function checkSame({ name, seed }: Experiment, invocation: Invocation): void {
  const refuse = (expected: string, found: string): never => {
    throw new UsageError(
      `Cannot resume: expected ${expected} but found ${found}; a run goes on ` +
        "as it was begun, and a new one needs a folder of its own",
    );
  };
  const { operand } = invocation;
  if (operand !== undefined && operand !== name) {
    refuse(`the recipe ${name} of the run`, operand);
  }
  const other = invocation.whole("seed", { least: 0 });
  if (other !== undefined && other !== seed) {
    refuse(`the seed ${seed} of the run`, String(other));
  }
  const [change] = changesOf(invocation).filter((one) => !/^seed=/.test(one));
  if (change) refuse("no change to the experiment", change);
}

/** Does what was asked for. Returns the exit code. */
async function carryOut(
  request: Request,
  terminal: Terminal,
): Promise<number> {
  const { experiment, path, begun, data, serve } = request;
  const teacher = await teacherOf(request);
  using device = await openDevice();
  await checkDevice(request, device);
  const source = { folder: data, terminal };
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
  { experiment, begun, data }: Request,
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
    readonly request: Request;
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
  { experiment, data }: Request,
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
  const { LiveServer } = await import("../report/live_server.ts");
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
function resumeCommand({ path, data }: Request): string {
  const words = ["deno task train --resume --out", quoted(path)];
  if (data !== undefined) words.push("--data", quoted(data));
  return words.join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}
