// The training loop of a run: steps, and after each epoch an evaluation on held-out
// images and a checkpoint. The folder always holds a complete state, and a run that
// resumes from it ends with the same bytes as one never stopped.

import type { Communicator } from "../base/communicator.ts";
import { epochSeconds } from "../runs/epoch_seconds.ts";
import { readLog } from "../runs/run_log.ts";
import { loadCheckpoint } from "../runs/checkpoint.ts";
import {
  checkDataset,
  type Dataset,
  holdOut,
  type Split,
  take,
} from "../data/dataset.ts";
import { type EvaluationOptions, Evaluator } from "../evaluation/accuracy.ts";
import { compileAhead } from "../gpu/compile_ahead.ts";
import { checkExperiment } from "../config/check_experiment.ts";
import type { EvaluationConfig, Experiment } from "../config/experiment.ts";
import { fileInfo } from "../base/disk.ts";
import { hasOwnClasses } from "../config/pretrained.ts";
import { countParameters } from "../nn/module.ts";
import { CHOSEN_ON_TEST } from "../config/selection_notes.ts";
import { MEASURED } from "../recipes/measured.gen.ts";
import { measuredWithout } from "../recipes/measured_setting.ts";
import type { PretrainedTeacher } from "./pretrained_teacher.ts";
import { ResidentSplit } from "../step/resident_split.ts";
import {
  type EpochResult,
  type NetworkResult,
  networkResult,
  type ResultCard,
  resultCard,
  type Selection,
} from "../runs/result_card.ts";
import type { TrainOptions } from "./train_options.ts";
import { type EpochEvaluation, EpochEvaluators } from "./epoch_evaluators.ts";
import { TrainingRun } from "./training_run.ts";
import { TrainingSession } from "./session.ts";

export type { RunningMeans, TrainingEvent } from "./events.ts";
export type { TrainOptions } from "./train_options.ts";

/** How training ended: with a card, or stopped after `step` steps. */
export type TrainingOutcome =
  | { readonly finished: true; readonly card: ResultCard }
  | { readonly finished: false; readonly step: number };

/**
 * Trains an experiment to its end, or until the signal.
 *
 * @throws {UserError} if the experiment cannot be trained on.
 * @throws {RangeError} if the dataset cannot be trained on.
 * @throws {DivergenceError} if losses or weights are no numbers any more, unless
 * `keepGoing`. The last checkpoint is then one of before.
 */
export async function train(options: TrainOptions): Promise<TrainingOutcome> {
  const { device, experiment, dataset, signal, onEvent } = options;
  checkExperiment(experiment);
  checkDataset(dataset);
  device.pipelines.onCompile = (compilation) =>
    onEvent?.({ kind: "compile", ...compilation });
  const { kept, heldOut } = splitOf(options);
  const teacher = (await startOf(options))?.values ?? null;
  await using session = await TrainingSession.open(device, {
    experiment,
    dataset,
    split: kept,
    teacher,
    added: options.added,
    communicator: options.ranks?.communicator ?? null,
  });
  if (session.ranks) session.ranks.onStopAsked = options.ranks!.onStopAsked;
  using evaluators = await epochEvaluators(session, options, heldOut);
  await compileAhead(device, { cores: options.compileOn ?? 1 });
  const run = await TrainingRun.open(options, { session, evaluators });
  using log = run.log;
  try {
    while (run.epoch <= experiment.epochs) {
      await run.finishEpoch();
      await run.closeEpoch(evaluators);
      signal?.throwIfAborted();
    }
    const card = await conclude(run, options);
    await options.folder.writeCard(card);
    const time = new Date().toISOString();
    log.append({ kind: "end", ...run.place, seconds: run.seconds, time });
    await log.writeCsv(options.folder.files.csv);
    return { finished: true, card };
  } catch (error) {
    if (!signal?.aborted || error !== signal.reason) throw error;
    // It goes on from its last checkpoint.
    return { finished: false, step: run.divergence.savedStep ?? 0 };
  }
}

/**
 * Takes the steps that rank 0 orders, on any other rank, until it orders no more. A signal
 * asks rank 0 for the end.
 */
export async function follow(
  { device, experiment, dataset, added, communicator, signal }:
    & Pick<
      TrainOptions,
      "device" | "experiment" | "dataset" | "added" | "signal"
    >
    & { readonly communicator: Communicator },
): Promise<void> {
  checkExperiment(experiment);
  checkDataset(dataset);
  await using session = await TrainingSession.open(device, {
    experiment,
    dataset,
    split: splitOf({ experiment, dataset }).kept,
    added,
    communicator,
  });
  const ranks = session.ranks!;
  for (;;) {
    const order = await ranks.follow(signal?.aborted ?? false);
    if (order === null) return;
    await session.runStepInTurns(order.step);
  }
}

/** The images to train on, and those held out to choose the best epoch. */
function splitOf(
  { experiment, dataset }: Pick<TrainOptions, "experiment" | "dataset">,
): { readonly kept: Split; readonly heldOut: Split | null } {
  const { validation } = experiment.evaluation;
  return validation > 0
    ? holdOut(dataset.train, validation)
    : { kept: dataset.train, heldOut: null };
}

/** Measures networks after epochs: on images that choose the best one, and more. */
async function epochEvaluators(
  session: TrainingSession,
  options: TrainOptions,
  heldOut: Split | null,
): Promise<EpochEvaluators> {
  const { selection, curve = 0 } = options.experiment.evaluation;
  const { test } = options.dataset;
  const chosen = selection === "test" ? test : null;
  const splits = {
    validation: chosen ? null : heldOut,
    curve: chosen ?? (curve > 0 ? take(test, curve) : null),
  };
  const all: EpochEvaluation[] = [];
  for (const name of ["validation", "curve"] as const) {
    const split = splits[name];
    for (const network of ["student", "average"] as const) {
      if (!split || !session.step[network]) continue;
      const choice = { network, split };
      const evaluator = await evaluatorOf(session, options, choice);
      all.push({ split: name, network, evaluator });
    }
  }
  return new EpochEvaluators(all);
}

/** The teacher that the run starts from; null where a checkpoint has it. */
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

type NetworkName = "student" | "teacher" | "average";

/** Evaluates the last and the best networks on the test images. */
async function conclude(
  run: TrainingRun,
  options: TrainOptions,
): Promise<ResultCard> {
  const { experiment, dataset, folder } = options;
  const { session, session: { step: { student, teacher } } } = run;
  const measured = (network: NetworkName, epoch: number) =>
    testResult(run, options, { network, epoch });
  const rated = teacher && !hasOwnClasses(experiment.teacher?.pretrained);
  const resultAt = async (epoch: number): Promise<EpochResult> => ({
    epoch,
    student: await measured("student", epoch),
    ...session.hasAverage && { average: await measured("average", epoch) },
    teacher: rated ? await measured("teacher", epoch) : null,
  });
  const last = await resultAt(experiment.epochs);
  let best = last;
  // A run that diverged in its first epoch has no best one.
  if (run.best.epoch !== experiment.epochs && run.best.epoch > 0) {
    const { best: path } = folder.files;
    session.restore(await loadCheckpoint(path, { of: experiment }), path);
    best = await resultAt(run.best.epoch);
  }
  const selection = selectionOf(experiment.evaluation, dataset);
  return resultCard(experiment, {
    dataset,
    secondsPerEpoch: epochSeconds(await readLog(folder.files.log)),
    selection,
    best,
    last,
    ...comparisonOf(options),
    warnings: run.divergence.warnings.concat(
      selection.on === "test" ? [CHOSEN_ON_TEST] : [],
    ),
    parameters: {
      student: countParameters(student.module),
      teacher: teacher && countParameters(teacher.module),
    },
  });
}

/** What was measured of this setting without its regularizers. */
function comparisonOf(
  { experiment, folder }: TrainOptions,
): Pick<ResultCard, "comparison"> {
  const { contents } = folder.environment.dataset;
  const comparison = measuredWithout(experiment, { contents, among: MEASURED });
  return comparison ? { comparison } : {};
}

/** The images that choose the best epoch. */
function selectionOf(
  { selection, validation }: EvaluationConfig,
  { test }: Dataset,
): Selection {
  if (selection === "test") return { on: "test", images: test.count };
  return { on: validation > 0 ? "held-out" : "none", images: validation };
}

async function testResult(
  run: TrainingRun,
  options: TrainOptions,
  { network, epoch }: {
    readonly network: NetworkName;
    readonly epoch: number;
  },
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
    readonly network: NetworkName;
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
    network: session.step[network]!.module,
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
