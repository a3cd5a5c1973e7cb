// The steps of a training in memory, one after the other, and what happens between
// them: reports, checkpoints, validation, and reasons to stop.

import { UserError } from "../base/errors.ts";
import { OUTSIDE } from "../step/attack_batch.ts";
import type { RunningMeans } from "../trainer/events.ts";
import { runningMeans } from "../trainer/running_means.ts";
import type { TrainingSession } from "../trainer/session.ts";
import {
  digestOf,
  type FitIdentity,
  loadFit,
  saveFit,
} from "./fit_checkpoint.ts";
import type { FitRequest } from "./fit_options.ts";
import { validate } from "./fit_validation.ts";
import { ImageBatches } from "./image_batches.ts";

/** Steps after which the host waits for the device, to stay close to it. */
const WAIT_EVERY = 16;

/** A training that has started, perhaps from its checkpoint. */
export class FitLoop {
  readonly #session: TrainingSession;
  readonly #request: FitRequest;
  readonly #identity: FitIdentity;
  readonly #batches: ImageBatches;
  /** Steps taken. */
  #step = 0;

  private constructor(
    session: TrainingSession,
    { request, identity }: {
      readonly request: FitRequest;
      readonly identity: FitIdentity;
    },
  ) {
    const { materialized, shape } = request;
    this.#session = session;
    this.#request = request;
    this.#identity = identity;
    this.#batches = new ImageBatches(session.memory, {
      shape,
      classes: materialized.module.classes,
      widest: 1,
      batchSize: session.step.hyperparameters.batchSize,
    });
  }

  /**
   * Starts from the session's values, or from the checkpoint if there is one.
   *
   * @throws {UserError} if the checkpoint is another training's.
   */
  static async start(
    session: TrainingSession,
    request: FitRequest,
  ): Promise<FitLoop> {
    const { checkpoint } = request.options;
    const identity = checkpoint ? await identityOf(session, request) : {};
    const loop = new FitLoop(session, { request, identity });
    const state = checkpoint && await loadFit(checkpoint, identity);
    if (state) {
      session.restore(state, checkpoint);
      loop.#step = state.step;
    }
    return loop;
  }

  /** Takes the steps that are left. Returns whether the signal ended it before. */
  async run(): Promise<boolean> {
    const { epochs, signal, onStep } = this.#request.options;
    const { stepsPerEpoch } = this.#session;
    // An event can only end what waits for it now and then.
    const wait = signal || onStep ? 1 : WAIT_EVERY;
    while (this.#step < epochs * stepsPerEpoch) {
      if (signal?.aborted) {
        await this.#save();
        return true;
      }
      await this.#session.runStepInTurns(this.#step++);
      const ends = this.#step % stepsPerEpoch === 0;
      if (!ends && this.#step % wait !== 0) continue;
      const means = await this.#means();
      await onStep?.(means, this.#step);
      if (ends) await this.#endEpoch(means);
    }
    return false;
  }

  async #endEpoch(means: RunningMeans): Promise<void> {
    const { materialized: { module: network }, seed, options } = this.#request;
    const { validation = null } = options;
    await this.#save();
    const report = {
      ...means,
      validation: validation &&
        await validate(this.#batches, { network, seed, validation }),
    };
    const { stepsPerEpoch } = this.#session;
    await options.onEpoch?.(report, this.#step / stepsPerEpoch);
  }

  async #save(): Promise<void> {
    const { checkpoint } = this.#request.options;
    if (!checkpoint) return;
    const state = await this.#session.save();
    const identity = this.#identity;
    await saveFit(checkpoint, { ...state, step: this.#step, identity });
  }

  /**
   * Means over the epoch so far.
   *
   * @throws {UserError} for a loss that is not finite, unless it is to go on.
   * @throws {RangeError} if the attack left [0, 1].
   */
  async #means(): Promise<RunningMeans> {
    const { [OUTSIDE]: outside = 0, ...sums } = await this.#session.sums();
    const { attack, keepGoing = false } = this.#request.options;
    if (outside > 0) {
      throw new RangeError(
        `Cannot train on images of ${attack?.name}: expected numbers from 0 to ` +
          `1 but found ${outside} others by step ${this.#step}`,
      );
    }
    const means = runningMeans(sums, this.#session.imagesInEpoch(this.#step));
    const lost = Object.entries(means.terms)
      .find(([, mean]) => !Number.isFinite(mean));
    if (lost && !keepGoing) {
      const [name, mean] = lost;
      throw new UserError(
        `Cannot go on training: expected finite losses but found ${mean} ` +
          `as ${name} by step ${this.#step}; a lower learning rate may help, and ` +
          "keepGoing: true trains on all the same",
      );
    }
    return means;
  }
}

/** What tells a training from others, but for its functions, of which only names are. */
async function identityOf(
  { step }: TrainingSession,
  { split, options }: FitRequest,
): Promise<FitIdentity> {
  const { method, hyperparameters } = step;
  return {
    ...hyperparameters,
    objective: method.objective.name,
    attack: method.attack?.name ?? null,
    attackMode: method.attackMode,
    weightPerturbation: method.weightPerturbation,
    unlabeled: options.unlabeled
      ? {
        objective: options.unlabeled.objective.name,
        batchSize: options.unlabeled.batchSize,
      }
      : null,
    images: await digestOf(split),
  };
}
