// The state of a training run: its step, its epoch and its best epoch so far, and how they
// are saved, logged and reported. `trainer.ts` calls this in order.

import {
  type Checkpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "../runs/checkpoint.ts";
import { fileInfo } from "../base/disk.ts";
import { keptCheckpoint } from "../runs/run_folder.ts";
import {
  choosingAccuracy,
  choosingSplit,
  type EpochEvaluators,
} from "./epoch_evaluators.ts";
import type { Accuracy, Evaluator } from "../evaluation/accuracy.ts";
import { evaluationProgress, runWork } from "./evaluation_progress.ts";
import { TimeLeft } from "./time_left.ts";
import { fractions } from "./running_means.ts";
import { readLog, RunLog, secondsSoFar } from "../runs/run_log.ts";
import type { TrainOptions } from "./train_options.ts";
import type { EvaluationPlace, TrainingEvent } from "./events.ts";
import { DivergenceWatch } from "./divergence.ts";
import type { TrainingSession } from "./session.ts";
import { SumReadings } from "./sum_readings.ts";

/** Milliseconds between checkpoints inside a long epoch. */
const SAVE_EVERY = 600_000;

type SessionState = Pick<Checkpoint, "tensors" | "metrics">;

/** The part of a run's state that is not on the device. */
export class TrainingRun {
  /** Steps taken. */
  step = 0;
  /** The epoch under way, from 1. */
  epoch = 1;
  /** The epoch with the best accuracy on the held-out images so far. */
  best = { epoch: 0, accuracy: -1 };
  /** Whether the numbers are finite. */
  readonly divergence: DivergenceWatch;
  readonly log: RunLog;
  readonly session: TrainingSession;
  readonly #options: TrainOptions;
  readonly #timeLeft: TimeLeft;
  readonly #began = performance.now();
  #secondsBefore = 0;
  #saved = performance.now();

  private constructor(
    options: TrainOptions,
    session: TrainingSession,
    { log, timeLeft }: { readonly log: RunLog; readonly timeLeft: TimeLeft },
  ) {
    this.#options = options;
    this.session = session;
    this.log = log;
    const { keepGoing = false } = options;
    this.divergence = new DivergenceWatch(log, { keepGoing });
    this.#timeLeft = timeLeft;
  }

  /** Starts, or continues from the last checkpoint where there is one. */
  static async open(
    options: TrainOptions,
    { session, evaluators }: {
      readonly session: TrainingSession;
      readonly evaluators: EpochEvaluators;
    },
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
    const timeLeft = new TimeLeft(runWork(options, { session, evaluators }));
    const run = new TrainingRun(options, session, { log, timeLeft });
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
    this.divergence.savedStep = checkpoint.step;
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

  /**
   * Runs the rest of the epoch's steps. There are none in a run that was stopped in the
   * evaluation after them.
   *
   * @throws The signal's reason, with everything saved, if it ends the epoch.
   * @throws {DivergenceError} if losses are not finite, unless it is to continue.
   */
  async finishEpoch(): Promise<void> {
    const { signal } = this.#options;
    const end = this.epoch * this.session.stepsPerEpoch;
    if (this.step === end) return;
    const readings = this.#readings();
    let reading = Promise.resolve();
    while (this.step < end) {
      await this.session.runStepInTurns(this.step);
      this.step++;
      if (this.step === end) break;
      if (readings.isDue(this.step)) {
        // Waiting for the reading before bounds how far the host runs ahead.
        await reading;
        reading = readings.readSteps(this.place);
        reading.catch(() => {}); // It is awaited below, perhaps some steps later.
      }
      await new Promise((resolve) => setTimeout(resolve)); // For signal handlers.
      this.divergence.check();
      const due = performance.now() - this.#saved > SAVE_EVERY;
      if (signal?.aborted || due) {
        await reading;
        await this.save();
        signal?.throwIfAborted();
      }
    }
    await reading;
    await readings.readEpoch(this.place);
    this.divergence.check();
  }

  /** The readings of an epoch, or of the rest of one. */
  #readings(): SumReadings {
    return new SumReadings(this.step, {
      session: this.session,
      log: this.log,
      divergence: this.divergence,
      timeLeft: this.#timeLeft,
      report: (event) => this.report(event),
    });
  }

  /**
   * Evaluates every few epochs, saves, and continues with the next epoch.
   *
   * @throws The signal's reason, with all saved, if it ends the evaluation, to be repeated.
   * @throws {DivergenceError} if weights are not finite, unless it is to continue.
   */
  async closeEpoch(evaluators: EpochEvaluators): Promise<void> {
    await this.session.finishAverage();
    const state = await this.#finiteState();
    const { experiment: { epochs, evaluation }, folder, signal } =
      this.#options;
    const { epoch } = this;
    const { every, keep } = evaluation;
    const measures = epoch % every === 0 || epoch === epochs;
    let best = null;
    try {
      best = await this.log.together(async () => {
        let best: typeof this.best | null = null;
        const due = measures ? evaluators.begun(this.session) : [];
        for (const { evaluator, ...images } of due) {
          const what = { epoch, ...images };
          const results = await this.evaluate(evaluator, what);
          const accuracies = fractions(results);
          const accuracy = choosingAccuracy(evaluation, { what, accuracies });
          if (accuracy === null) continue;
          if (accuracy > this.best.accuracy) best = { epoch, accuracy };
        }
        return best;
      });
    } catch (error) {
      if (state && signal?.aborted) await this.#write(folder.files.last, state);
      throw error;
    }
    if (state && best) this.best = best;
    if (choosingSplit(evaluation) === null) this.best = { epoch, accuracy: -1 };
    this.epoch++;
    if (!state) return;
    if (best) await this.#write(folder.files.best, state);
    if (keep && epoch % keep === 0) {
      await this.#write(keptCheckpoint(folder.path, epoch), state);
    }
    await this.#write(folder.files.last, state);
  }

  /** Evaluates, logs the counts and reports the accuracies. */
  async evaluate(
    evaluator: Evaluator,
    what: EvaluationPlace,
  ): Promise<Record<string, Accuracy>> {
    const { experiment: { evaluation }, signal } = this.#options;
    const began = performance.now();
    const progress = evaluationProgress(evaluator, {
      what,
      step: this.step,
      timeLeft: this.#timeLeft,
      report: (event) => this.report(event),
    });
    const results = await evaluator.run(progress, { signal });
    const seconds = (performance.now() - began) / 1000;
    const line = { ...what, step: this.step, results, seconds };
    this.log.append({ kind: "evaluation", ...line });
    const accuracies = fractions(results);
    const chosen = choosingAccuracy(evaluation, { what, accuracies }) ?? -1;
    const best = this.divergence.found === null && chosen > this.best.accuracy;
    this.report({ kind: "evaluation", ...what, accuracies, best });
    return results;
  }

  /**
   * Writes the last checkpoint. Once the run has diverged, the one before stays.
   *
   * @throws {DivergenceError} if weights are no numbers, unless it is to go on.
   */
  async save(): Promise<void> {
    const state = await this.#finiteState();
    if (state) await this.#write(this.#options.folder.files.last, state);
  }

  /** What a checkpoint holds of the device; null once the run has diverged. */
  async #finiteState(): Promise<SessionState | null> {
    const state = await this.session.save();
    this.#saved = performance.now();
    this.divergence.seeTensors(state.tensors, this.place);
    this.divergence.check();
    return this.divergence.found ? null : state;
  }

  async #write(
    path: string,
    { tensors, metrics }: SessionState,
  ): Promise<void> {
    if (path === this.#options.folder.files.last) {
      const { seconds } = this;
      this.log.append({ kind: "saved", ...this.place, seconds });
      this.divergence.savedStep = this.step;
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
    this.report({ kind: "saved", path, step: this.step });
  }

  /** Reports an event. */
  report(event: TrainingEvent): void {
    this.#options.onEvent?.(event);
  }
}
