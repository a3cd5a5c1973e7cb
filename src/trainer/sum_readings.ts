// Readings of the sums that the steps of an epoch add to: now and then for the log and for
// those who watch, and at the end of the epoch. Each one makes the device wait for the
// host, so that none is inside a step.

import type { LogPlace } from "../runs/log_line.ts";
import type { RunLog } from "../runs/run_log.ts";
import type { DivergenceWatch } from "./divergence.ts";
import type { TrainingEvent } from "./events.ts";
import { Pace } from "./pace.ts";
import { meansByName, runningMeans } from "./running_means.ts";
import type { TrainingSession } from "./session.ts";
import type { TimeLeft } from "./time_left.ts";

/** Steps between two lines of the log. */
const LOG_EVERY = { software: 5, gpu: 50 } as const;

/**
 * Milliseconds after which the sums are read between two lines as well, for those who
 * watch. Reading makes a GPU wait for the host, for some milliseconds.
 */
const SHOW_EVERY = { software: 100, gpu: 1000 } as const;

/** Where the sums come from, and who is told of them. */
interface ReadRun {
  readonly session: TrainingSession;
  readonly log: RunLog;
  readonly divergence: DivergenceWatch;
  readonly timeLeft: TimeLeft;
  readonly report: (event: TrainingEvent) => void;
}

/** The readings of an epoch, or of the rest of one. */
export class SumReadings {
  readonly #run: ReadRun;
  readonly #pace: Pace;
  readonly #logEvery: number;
  readonly #showEvery: number;

  /** Begins after the given number of steps. */
  constructor(step: number, run: ReadRun) {
    this.#run = run;
    this.#pace = new Pace({ step, time: performance.now() });
    const { adapterClass } = run.session.memory.device.adapter;
    this.#logEvery = LOG_EVERY[adapterClass];
    this.#showEvery = SHOW_EVERY[adapterClass];
  }

  /** Whether to read the sums after a step: for the log, or for those who watch. */
  isDue(step: number): boolean {
    const { isFirst, read } = this.#pace;
    return isFirst || step % this.#logEvery === 0 ||
      performance.now() - read >= this.#showEvery;
  }

  /** Reads the sums inside an epoch. */
  async readSteps({ epoch, step }: LogPlace): Promise<void> {
    const { session, log, divergence, timeLeft, report } = this.#run;
    this.#pace.read = performance.now();
    const images = session.imagesInEpoch(step);
    const sums = await session.sums();
    // Only now are the steps done: submitting them takes no time.
    const secondsPerStep = this.#pace.secondsPerStep(step);
    timeLeft.trained(secondsPerStep);
    const { batchSize } = session.step.hyperparameters;
    const measured = {
      learningRate: session.learningRate(step - 1),
      imagesPerSecond: batchSize / secondsPerStep,
    };
    if (step % this.#logEvery === 0) {
      const { seconds } = this.#pace;
      const means = meansByName(sums, images);
      const line = { epoch, step, means, images, ...measured, seconds };
      log.append({ kind: "steps", ...line });
      // The loop over the steps throws: nobody may be waiting for this reading.
      if (divergence.seeMeans(means, { epoch, step })) return;
    }
    report({
      kind: "steps",
      epoch,
      step,
      stepInEpoch: step - (epoch - 1) * session.stepsPerEpoch,
      ...measured,
      secondsLeft: timeLeft.seconds(step),
      ...runningMeans(sums, images),
    });
  }

  /** Reads the sums at the end of an epoch. */
  async readEpoch({ epoch, step }: LogPlace): Promise<void> {
    const { session, log, divergence, report } = this.#run;
    const images = session.imagesInEpoch(step);
    const sums = await session.sums();
    const { seconds } = this.#pace;
    const means = meansByName(sums, images);
    log.append({
      kind: "epoch",
      epoch,
      step,
      means,
      images,
      learningRate: session.learningRate(step - 1),
      imagesPerSecond: images / seconds,
      seconds,
    });
    if (divergence.seeMeans(means, { epoch, step })) return;
    report({
      kind: "epoch",
      epoch,
      step,
      seconds,
      ...runningMeans(sums, images),
    });
  }
}
