// The training loop of a run: steps, and after each epoch an evaluation on held-out
// images and a checkpoint. Whatever happens in between, the folder holds the last
// complete state, and a run that resumes from it ends with the same bytes.

import { loadCheckpoint } from "../runs/checkpoint.ts";
import {
  checkDataset,
  type Dataset,
  holdOut,
  type Split,
} from "../data/dataset.ts";
import { type EvaluationOptions, Evaluator } from "../evaluation/accuracy.ts";
import { checkExperiment } from "../config/check_experiment.ts";
import type { Experiment } from "../config/experiment.ts";
import { fileInfo } from "../base/disk.ts";
import type { Device } from "../gpu/device.ts";
import { countParameters } from "../nn/module.ts";
import type { PretrainedTeacher } from "./pretrained_teacher.ts";
import { ResidentSplit } from "../step/resident_split.ts";
import {
  type EpochResult,
  type NetworkResult,
  networkResult,
  type ResultCard,
  resultCard,
} from "../runs/result_card.ts";
import type { RunFolder } from "../runs/run_folder.ts";
import type { TrainingEvent } from "./events.ts";
import { TrainingRun } from "./run.ts";
import { TrainingSession } from "./session.ts";

export type { RunningMeans, TrainingEvent } from "./events.ts";

/** What to train, where, and who wants to know. */
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
  /** What differs from where the run was started, for the log of a resumed run. */
  readonly changes?: readonly string[];
  /** Stops the run after the step under way, with everything saved. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
}

/** How training ended: with a card, or stopped after `step` steps. */
export type TrainingOutcome =
  | { readonly finished: true; readonly card: ResultCard }
  | { readonly finished: false; readonly step: number };

/**
 * Trains an experiment to its end, or until the signal.
 *
 * @throws {RangeError} if the experiment or the dataset cannot be trained on.
 */
export async function train(options: TrainOptions): Promise<TrainingOutcome> {
  const { device, experiment, dataset, signal, onEvent } = options;
  checkExperiment(experiment);
  checkDataset(dataset);
  device.pipelines.onCompile = (kernel) =>
    onEvent?.({ kind: "compile", kernel });
  const { validation } = experiment.evaluation;
  const { kept, heldOut } = holdOut(dataset.train, validation);
  const teacher = (await startOf(options))?.values ?? null;
  const trained = { experiment, dataset, split: kept, teacher };
  await using session = await TrainingSession.open(device, trained);
  using evaluator = await evaluatorOf(session, options, {
    network: "student",
    split: heldOut,
  });
  const run = await TrainingRun.begin(options, session);
  using log = run.log;
  while (run.epoch <= experiment.epochs) {
    if (!await run.finishEpoch()) return { finished: false, step: run.step };
    await run.closeEpoch(evaluator);
    const last = run.epoch > experiment.epochs;
    if (signal?.aborted && !last) return { finished: false, step: run.step };
  }
  const card = await conclude(run, options);
  await options.folder.writeCard(card);
  const time = new Date().toISOString();
  log.append({ kind: "end", ...run.place, seconds: run.seconds, time });
  return { finished: true, card };
}

/** What the teacher starts from; nothing where a checkpoint has it. */
async function startOf(
  { experiment, teacher = null, resume, folder }: TrainOptions,
): Promise<PretrainedTeacher | null> {
  if (resume && await fileInfo(folder.files.last)) return null;
  const { pretrained } = experiment.teacher ?? {};
  if ((pretrained !== undefined) === (teacher !== null)) return teacher;
  throw new TypeError(
    `Cannot train: expected the teacher ${
      pretrained ? `of ${pretrained.from} but found none` : "to start anew"
    }`,
  );
}

/** Evaluates the last and the best networks on the test images. */
async function conclude(
  run: TrainingRun,
  options: TrainOptions,
): Promise<ResultCard> {
  const { experiment, dataset, folder } = options;
  const { session } = run;
  const { student, teacher } = session.programs;
  const resultAt = async (epoch: number): Promise<EpochResult> => ({
    epoch,
    student: await testResult(run, options, { network: "student", epoch }),
    teacher: teacher &&
      await testResult(run, options, { network: "teacher", epoch }),
  });
  const last = await resultAt(experiment.epochs);
  let best = last;
  if (run.best.epoch !== experiment.epochs) {
    session.restore(await loadCheckpoint(folder.files.best), folder.files.best);
    best = await resultAt(run.best.epoch);
  }
  return resultCard(experiment, {
    dataset,
    secondsPerEpoch: run.seconds / experiment.epochs,
    best,
    last,
    warnings: [],
    parameters: {
      student: countParameters(student.placed.module),
      teacher: teacher && countParameters(teacher.placed.module),
    },
  });
}

interface TestOptions {
  readonly network: "student" | "teacher";
  readonly epoch: number;
}

async function testResult(
  run: TrainingRun,
  options: TrainOptions,
  { network, epoch }: TestOptions,
): Promise<NetworkResult> {
  const split = options.dataset.test;
  using evaluator = await evaluatorOf(run.session, options, { network, split });
  const what = { epoch, split: "test", network } as const;
  const results = await run.evaluate(evaluator, what);
  return networkResult(results, evaluationAttacks(options.experiment));
}

/** An evaluator of one of the session's networks, as the experiment says. */
function evaluatorOf(
  session: TrainingSession,
  { experiment, dataset }: TrainOptions,
  { network, split }: {
    readonly network: TestOptions["network"];
    readonly split: Split;
  },
): Promise<Evaluator> {
  const { count } = split;
  const data = new ResidentSplit(`${network} evaluation`, {
    count,
    shape: dataset.shape,
  });
  data.upload(session.memory, split);
  return Evaluator.create(session.memory, {
    network: session.programs[network]!.placed.module,
    data,
    attacks: evaluationAttacks(experiment),
    batchSize: experiment.evaluation.batchSize,
    seed: experiment.seed,
  });
}

/** The attacks of an experiment's evaluation, and clean images. */
function evaluationAttacks(
  { evaluation }: Experiment,
): EvaluationOptions["attacks"] {
  return { clean: null, ...evaluation.attacks };
}
