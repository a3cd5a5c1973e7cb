// The state of a training run: its step, its epoch and its best epoch so far, and how they
// are saved, logged and reported. `trainer.ts` calls this in order.

import {
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "../runs/checkpoint.ts";
import { fileInfo } from "../base/disk.ts";
import { keptCheckpoint } from "../runs/run_folder.ts";
import type { EpochEvaluators, EpochSplit } from "./epoch_evaluators.ts";
import type { Accuracy, Evaluator } from "../evaluation/accuracy.ts";
import { fractions, meansByName, runningMeans } from "./running_means.ts";
import { readLog, RunLog, secondsSoFar } from "../runs/run_log.ts";
import type { TrainOptions } from "./train_options.ts";
import type { TrainingEvent } from "./events.ts";
import type { TrainingSession } from "./session.ts";

/** Steps between two readings of the sums, which make the device wait for the host. */
const LOG_EVERY = { software: 5, gpu: 50 } as const;

/** Milliseconds between checkpoints inside a long epoch. */
const SAVE_EVERY = 600_000;

/** The part of a run's state that is not on the device. */
export class TrainingRun {
  /** Steps taken. */
  step = 0;
  /** The epoch under way, from 1. */
  epoch = 1;
  /** The epoch with the best accuracy on the held-out images so far. */
  best: { readonly epoch: number; readonly accuracy: number } = {
    epoch: 0,
    accuracy: -1,
  };
  readonly log: RunLog;
  readonly session: TrainingSession;
  readonly #options: TrainOptions;
  readonly #began = performance.now();
  #secondsBefore = 0;
  #saved = performance.now();

  private constructor(
    options: TrainOptions,
    session: TrainingSession,
    log: RunLog,
  ) {
    this.#options = options;
    this.session = session;
    this.log = log;
  }

  /** Starts, or continues from the last checkpoint where there is one. */
  static async open(
    options: TrainOptions,
    session: TrainingSession,
  ): Promise<TrainingRun> {
    const { resume, folder, experiment, tensorboard } = options;
    const resumed = resume && await fileInfo(folder.files.last) !== undefined;
    const checkpoint = resumed
      ? await loadCheckpoint(folder.files.last, { of: experiment })
      : null;
    const log = await RunLog.open(folder.files.log, {
      step: checkpoint?.step ?? null,
      tensorboard,
    });
    const run = new TrainingRun(options, session, log);
    const time = new Date().toISOString();
    if (checkpoint) {
      await run.#restore(checkpoint);
      const { changes = [] } = options;
      log.append({ kind: "resume", ...run.place, changes, time });
    } else {
      const { name, seed } = experiment;
      const { stepsPerEpoch } = session;
      const start = { experiment: name, seed, stepsPerEpoch, time };
      log.append({ kind: "start", ...run.place, ...start });
    }
    run.report({
      kind: "start",
      step: run.step,
      epochs: experiment.epochs,
      stepsPerEpoch: session.stepsPerEpoch,
      resumed,
    });
    return run;
  }

  /** Continues from a checkpoint. */
  async #restore(checkpoint: Checkpoint): Promise<void> {
    const { files } = this.#options.folder;
    this.session.restore(checkpoint, files.last);
    const { bestEpoch, bestAccuracy, seconds } = checkpoint.metrics;
    this.step = checkpoint.step;
    this.epoch = checkpoint.epoch + 1;
    this.best = { epoch: bestEpoch ?? 0, accuracy: bestAccuracy ?? -1 };
    // Checkpoints once held the seconds, which are in the log now.
    this.#secondsBefore = seconds ?? secondsSoFar(await readLog(files.log));
  }

  /** Seconds of training, those before a stop included. */
  get seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#began) / 1000;
  }

  /** Steps taken, and the epoch of the latest. */
  get place(): { epoch: number; step: number } {
    const epoch = Math.ceil(this.step / this.session.stepsPerEpoch);
    return { epoch, step: this.step };
  }

  /** Runs the rest of the epoch's steps. Returns false if it was stopped. */
  async finishEpoch(): Promise<boolean> {
    const { device, signal } = this.#options;
    const every = LOG_EVERY[device.adapter.adapterClass];
    const end = this.epoch * this.session.stepsPerEpoch;
    const first = this.step;
    const began = performance.now();
    let reading = Promise.resolve();
    while (this.step < end) {
      this.session.runStep(this.step++);
      if (this.step === end) break;
      if (this.step % every === 0) {
        // Waiting for the reading before bounds how far the host runs ahead.
        await reading;
        reading = this.#reportSteps({ first, began });
      }
      await turn();
      const due = performance.now() - this.#saved > SAVE_EVERY;
      if (signal?.aborted || due) {
        await reading;
        await this.save();
        if (signal?.aborted) return false;
      }
    }
    await reading;
    await this.#reportEpoch(began);
    return true;
  }

  /** Evaluates every few epochs, saves, and continues with the next epoch. */
  async closeEpoch(evaluators: EpochEvaluators): Promise<void> {
    const { experiment, folder } = this.#options;
    const { epoch } = this;
    const { every, keep } = experiment.evaluation;
    const isLast = epoch === experiment.epochs;
    const measures = epoch % every === 0 || isLast;
    let improved = false;
    for (const [split, evaluator] of measures ? evaluators.all : []) {
      const what = { epoch, split, network: "student" } as const;
      const results = await this.evaluate(evaluator, what);
      if (split !== this.#choosing) continue;
      const accuracy = fractions(results)[this.#selector]!;
      improved = accuracy > this.best.accuracy;
      if (improved) this.best = { epoch, accuracy };
    }
    if (this.#choosing === null) this.best = { epoch, accuracy: -1 };
    this.epoch++;
    if (improved) await this.save(folder.files.best);
    if (keep && epoch % keep === 0) {
      await this.save(keptCheckpoint(folder.path, epoch));
    }
    await this.save();
  }

  /** Evaluates, logs the counts and reports the accuracies. */
  async evaluate(
    evaluator: Evaluator,
    what: Pick<
      TrainingEvent & { kind: "evaluation" },
      "epoch" | "split" | "network"
    >,
  ): Promise<Record<string, Accuracy>> {
    const began = performance.now();
    const results = await evaluator.run();
    const seconds = (performance.now() - began) / 1000;
    this.log.append({
      kind: "evaluation",
      ...what,
      step: this.step,
      results,
      seconds,
    });
    const accuracies = fractions(results);
    const accuracy = accuracies[this.#selector];
    const best = what.split === this.#choosing &&
      accuracy! > this.best.accuracy;
    this.report({ kind: "evaluation", ...what, accuracies, best });
    return results;
  }

  /** Writes a checkpoint: the last one, unless another path is given. */
  async save(path: string = this.#options.folder.files.last): Promise<void> {
    const { tensors, metrics } = await this.session.save();
    if (path === this.#options.folder.files.last) {
      const { seconds } = this;
      this.log.append({ kind: "saved", ...this.place, seconds });
      await this.log.writeCsv(this.#options.folder.files.csv);
    }
    await saveCheckpoint(path, {
      step: this.step,
      epoch: this.epoch - 1,
      experiment: this.#options.experiment,
      tensors,
      metrics: {
        ...metrics,
        bestEpoch: this.best.epoch,
        bestAccuracy: this.best.accuracy,
      },
    });
    this.#saved = performance.now();
    this.report({ kind: "saved", path, step: this.step });
  }

  /** Reports an event. */
  report(event: TrainingEvent): void {
    this.#options.onEvent?.(event);
  }

  /** The images that choose the best epoch; null where the last one counts as it. */
  get #choosing(): EpochSplit | null {
    const { selection, validation } = this.#options.experiment.evaluation;
    if (selection === "test") return "curve";
    return validation > 0 ? "validation" : null;
  }

  /** The attack whose accuracy chooses the best epoch. */
  get #selector(): string {
    return Object.keys(this.#options.experiment.evaluation.attacks)[0] ??
      "clean";
  }

  async #reportSteps(
    { first, began }: { readonly first: number; readonly began: number },
  ): Promise<void> {
    const { step, epoch, session } = this;
    const { batchSize, epochs } = this.#options.experiment;
    const images = session.imagesInEpoch(step);
    const sums = await session.sums();
    // Only now are the steps done: submitting them takes no time.
    const seconds = (performance.now() - began) / 1000;
    const secondsPerStep = seconds / (step - first);
    const measured = {
      learningRate: session.learningRate(step - 1),
      imagesPerSecond: batchSize / secondsPerStep,
    };
    const means = meansByName(sums, images);
    this.log.append({
      kind: "steps",
      epoch,
      step,
      means,
      images,
      ...measured,
      seconds,
    });
    this.report({
      kind: "steps",
      epoch,
      step,
      stepInEpoch: step - (epoch - 1) * session.stepsPerEpoch,
      ...measured,
      secondsLeft: (epochs * session.stepsPerEpoch - step) * secondsPerStep,
      ...runningMeans(sums, images),
    });
  }

  async #reportEpoch(began: number): Promise<void> {
    const { step, epoch, session } = this;
    const images = session.imagesInEpoch(step);
    const sums = await session.sums();
    const seconds = (performance.now() - began) / 1000;
    this.log.append({
      kind: "epoch",
      epoch,
      step,
      means: meansByName(sums, images),
      images,
      learningRate: session.learningRate(step - 1),
      imagesPerSecond: images / seconds,
      seconds,
    });
    this.report({
      kind: "epoch",
      epoch,
      step,
      seconds,
      ...runningMeans(sums, images),
    });
  }
}

/** Lets timers and signal handlers run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
