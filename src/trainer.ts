// The only training loop: steps, and after each epoch an evaluation on held-out
// images and a checkpoint. Whatever happens in between, the folder holds the last
// complete state, and a run that resumes from it ends with the same bytes.

import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { checkDataset, type Dataset, holdOut } from "./data/dataset.ts";
import { Evaluator } from "./evaluation.ts";
import { checkExperiment, type Experiment } from "./experiment.ts";
import type { Device } from "./gpu/device.ts";
import { ResidentSplit } from "./resident_split.ts";
import {
  type EpochResult,
  networkResult,
  type ResultCard,
  resultCard,
} from "./result_card.ts";
import type { RunFolder } from "./run_folder.ts";
import { RunLog } from "./run_log.ts";
import { countParameters } from "./nn/module.ts";
import type { RunningMeans, TrainingEvent } from "./training_events.ts";
import { type EpochSums, TrainingSession } from "./training_session.ts";
import { CORRECT } from "./training_step.ts";

export type { RunningMeans, TrainingEvent } from "./training_events.ts";

/** What to train, where, and who wants to know. */
export interface TrainOptions {
  readonly device: Device;
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  /** A folder created for this run, or opened to resume it. */
  readonly folder: RunFolder;
  /** Whether to continue from the folder's last checkpoint. */
  readonly resume: boolean;
  /** Stops the run after the step under way, with everything saved. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent) => void;
}

/** How training ended: with a card, or stopped after `step` steps. */
export type TrainingOutcome =
  | { readonly finished: true; readonly card: ResultCard }
  | { readonly finished: false; readonly step: number };

/** Steps between two readings of the sums, which make the device wait for the host. */
const LOG_EVERY = { software: 5, gpu: 50 } as const;

/** Milliseconds between checkpoints inside a long epoch. */
const SAVE_EVERY = 600_000;

/** Trains an experiment to its end, or until the signal. */
export async function train(options: TrainOptions): Promise<TrainingOutcome> {
  const { device, experiment, dataset } = options;
  checkExperiment(experiment);
  checkDataset(dataset);
  device.pipelines.onCompile = (kernel) =>
    options.onEvent?.({ kind: "compile", kernel });
  const { kept, heldOut } = holdOut(
    dataset.train,
    experiment.evaluation.validation,
  );
  await using session = await TrainingSession.open(device, {
    experiment,
    dataset,
    split: kept,
  });
  const run = new Run(options, session);
  const validation = new ResidentSplit("validation", {
    count: heldOut.count,
    shape: dataset.shape,
  });
  validation.upload(session.memory, heldOut);
  using evaluator = await Evaluator.create(session.memory, {
    ...run.evaluationOf("student"),
    data: validation,
  });
  await run.begin();
  using log = run.log;
  const { epochs } = experiment;
  while (run.epoch <= epochs) {
    if (!await run.finishEpoch()) return { finished: false, step: run.step };
    await run.closeEpoch(evaluator);
    if (options.signal?.aborted && run.epoch <= epochs) {
      return { finished: false, step: run.step };
    }
  }
  const card = await run.conclude();
  log.append({ kind: "end", ...run.place, ...clock(run.seconds) });
  return { finished: true, card };
}

/** A run under way: where it is, and what it has found. */
class Run {
  log!: RunLog;
  step = 0;
  /** The epoch under way, from 1. */
  epoch = 1;
  readonly #options: TrainOptions;
  readonly #session: TrainingSession;
  #best = { epoch: 0, accuracy: -1 };
  #secondsBefore = 0;
  readonly #began = performance.now();
  #saved = performance.now();

  constructor(options: TrainOptions, session: TrainingSession) {
    this.#options = options;
    this.#session = session;
  }

  /** Seconds of training, resumed parts included. */
  get seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#began) / 1000;
  }

  get place(): { epoch: number; step: number } {
    return {
      epoch: Math.ceil(this.step / this.#session.stepsPerEpoch),
      step: this.step,
    };
  }

  /** Starts, or continues from the last checkpoint where there is one. */
  async begin(): Promise<void> {
    const { resume, folder, experiment } = this.#options;
    const { stepsPerEpoch } = this.#session;
    const resumed = resume && await exists(folder.files.last);
    if (resumed) {
      const checkpoint = await loadCheckpoint(folder.files.last);
      this.#session.restore(checkpoint, folder.files.last);
      this.step = checkpoint.step;
      this.epoch = checkpoint.epoch + 1;
      const { bestEpoch = 0, bestAccuracy = -1, seconds = 0 } =
        checkpoint.metrics;
      this.#best = { epoch: bestEpoch, accuracy: bestAccuracy };
      this.#secondsBefore = seconds;
    }
    this.log = await RunLog.open(folder.files.log, { step: this.step });
    const time = new Date().toISOString();
    if (resumed) {
      this.log.append({ kind: "resume", ...this.place, changes: [], time });
    } else {
      const { name, seed } = experiment;
      this.log.append({
        kind: "start",
        ...this.place,
        experiment: name,
        seed,
        time,
      });
    }
    const { epochs } = experiment;
    this.#tell({
      kind: "start",
      step: this.step,
      epochs,
      stepsPerEpoch,
      resumed,
    });
  }

  /** Takes the steps that are left of the epoch; false if stopped before its end. */
  async finishEpoch(): Promise<boolean> {
    const { device, signal } = this.#options;
    const session = this.#session;
    const every = LOG_EVERY[device.adapter.adapterClass];
    const end = this.epoch * session.stepsPerEpoch;
    const first = this.step;
    const began = performance.now();
    let reading = Promise.resolve();
    while (this.step < end) {
      session.runStep(this.step++);
      if (this.step === end) break;
      if (this.step % every === 0) {
        // Waiting for the reading before bounds how far the host runs ahead.
        await reading;
        const rate = {
          steps: this.step - first,
          milliseconds: performance.now() - began,
        };
        reading = this.#report(rate);
      }
      await turn();
      const due = performance.now() - this.#saved > SAVE_EVERY;
      if (signal?.aborted || due) {
        await reading;
        await this.#save();
        if (signal?.aborted) return false;
      }
    }
    await reading;
    await this.#reportEpoch((performance.now() - began) / 1000);
    return true;
  }

  /** Evaluates where it is due, saves, and goes on to the next epoch. */
  async closeEpoch(evaluator: Evaluator): Promise<void> {
    const { experiment, folder } = this.#options;
    const { every, attacks } = experiment.evaluation;
    const { epoch } = this;
    let improved = false;
    if (epoch % every === 0 || epoch === experiment.epochs) {
      const began = performance.now();
      const results = await evaluator.run();
      const accuracies = fractions(results);
      const accuracy = accuracies[Object.keys(attacks)[0] ?? "clean"]!;
      improved = accuracy > this.#best.accuracy;
      if (improved) this.#best = { epoch, accuracy };
      const found = { epoch, split: "validation", network: "student" } as const;
      const seconds = (performance.now() - began) / 1000;
      this.log.append({
        kind: "evaluation",
        ...found,
        step: this.step,
        results,
        seconds,
      });
      this.#tell({ kind: "evaluation", ...found, accuracies, best: improved });
    }
    this.epoch++;
    if (improved) await this.#save(folder.files.best);
    await this.#save();
  }

  /** Evaluates the last and the best networks on the test images. */
  async conclude(): Promise<ResultCard> {
    const { experiment, dataset, folder } = this.#options;
    const { memory, programs } = this.#session;
    const test = new ResidentSplit("test", {
      count: dataset.test.count,
      shape: dataset.shape,
    });
    test.upload(memory, dataset.test);
    const evaluate = async (epoch: number): Promise<EpochResult> => {
      const student = await this.#evaluate("student", { epoch, test });
      const teacher = programs.teacher &&
        await this.#evaluate("teacher", { epoch, test });
      return { epoch, student, teacher };
    };
    const last = await evaluate(experiment.epochs);
    let best = last;
    if (this.#best.epoch !== experiment.epochs) {
      this.#session.restore(
        await loadCheckpoint(folder.files.best),
        folder.files.best,
      );
      best = await evaluate(this.#best.epoch);
    }
    const card = resultCard(experiment, {
      dataset,
      secondsPerEpoch: this.seconds / experiment.epochs,
      best,
      last,
      warnings: dataset.notes,
      parameters: {
        student: countParameters(programs.student.placed.module),
        teacher: programs.teacher &&
          countParameters(programs.teacher.placed.module),
      },
    });
    await folder.writeCard(card);
    return card;
  }

  /** How a network of this run is evaluated, on whatever images. */
  evaluationOf(network: "student" | "teacher") {
    const { seed, evaluation } = this.#options.experiment;
    return {
      network: this.#session.programs[network]!.placed.module,
      attacks: { clean: null, ...evaluation.attacks },
      batchSize: evaluation.batchSize,
      seed,
    };
  }

  async #evaluate(
    network: "student" | "teacher",
    { epoch, test }: { readonly epoch: number; readonly test: ResidentSplit },
  ) {
    const options = { ...this.evaluationOf(network), data: test };
    using evaluator = await Evaluator.create(this.#session.memory, options);
    const began = performance.now();
    const results = await evaluator.run();
    const seconds = (performance.now() - began) / 1000;
    const found = { epoch, split: "test", network } as const;
    this.log.append({
      kind: "evaluation",
      ...found,
      step: this.step,
      results,
      seconds,
    });
    const best = epoch === this.#best.epoch;
    this.#tell({
      kind: "evaluation",
      ...found,
      accuracies: fractions(results),
      best,
    });
    return networkResult(results, options.attacks);
  }

  async #save(path = this.#options.folder.files.last): Promise<void> {
    const { experiment } = this.#options;
    const { tensors, metrics } = await this.#session.save();
    await saveCheckpoint(path, {
      step: this.step,
      epoch: this.epoch - 1,
      experiment,
      tensors,
      metrics: {
        ...metrics,
        bestEpoch: this.#best.epoch,
        bestAccuracy: this.#best.accuracy,
        seconds: this.seconds,
      },
    });
    this.#saved = performance.now();
    this.#tell({ kind: "saved", path, step: this.step });
  }

  async #report(
    rate: { readonly steps: number; readonly milliseconds: number },
  ): Promise<void> {
    const { step, epoch } = this;
    const session = this.#session;
    const learningRate = session.learningRate(step - 1);
    const images = session.imagesInEpoch(step);
    const sums = await session.sums();
    const perStep = rate.milliseconds / 1000 / rate.steps;
    const imagesPerSecond = this.#options.experiment.batchSize / perStep;
    const left = this.#options.experiment.epochs * session.stepsPerEpoch - step;
    const means = meansOf(sums, images);
    const measured = { learningRate, imagesPerSecond };
    this.log.append({
      kind: "steps",
      epoch,
      step,
      means: byName(sums, images),
      ...measured,
      seconds: rate.milliseconds / 1000,
    });
    const stepInEpoch = step - (epoch - 1) * session.stepsPerEpoch;
    const place = { epoch, step, stepInEpoch };
    this.#tell({
      kind: "steps",
      ...place,
      ...measured,
      secondsLeft: left * perStep,
      ...means,
    });
  }

  async #reportEpoch(seconds: number): Promise<void> {
    const { step, epoch } = this;
    const images = this.#session.imagesInEpoch(step);
    const sums = await this.#session.sums();
    this.log.append({
      kind: "epoch",
      epoch,
      step,
      means: byName(sums, images),
      learningRate: this.#session.learningRate(step - 1),
      imagesPerSecond: images / seconds,
      seconds,
    });
    this.#tell({
      kind: "epoch",
      epoch,
      step,
      seconds,
      ...meansOf(sums, images),
    });
  }

  #tell(event: TrainingEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** Sums divided by images, under their names. */
function byName(sums: EpochSums, images: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(sums).map(([name, sum]) => [name, sum / images]),
  );
}

/** Sums as means of terms and fractions of correct predictions. */
function meansOf(sums: EpochSums, images: number): RunningMeans {
  const means = byName(sums, images);
  const {
    [CORRECT.clean]: clean,
    [CORRECT.adversarial]: adversarial,
    ...others
  } = means;
  const { [CORRECT.teacher]: teacher, ...terms } = others;
  return {
    terms,
    cleanAccuracy: clean ?? null,
    adversarialAccuracy: adversarial ?? null,
    teacherAccuracy: teacher ?? null,
  };
}

function fractions(
  results: Readonly<
    Record<string, { readonly correct: number; readonly count: number }>
  >,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(results).map((
      [name, { correct, count }],
    ) => [name, correct / count]),
  );
}

function clock(seconds: number): { seconds: number; time: string } {
  return { seconds, time: new Date().toISOString() };
}

/** Lets timers and signals have their turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
