// The part of a training run that is on the device: networks, data and programs,
// advanced one step at a time. A step is a function of its number alone, so a session
// that starts from a checkpoint ends with the same bits as one never stopped.

import type { Communicator } from "../base/communicator.ts";
import type { Checkpoint } from "../runs/checkpoint.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import { batchAt, type Batching, stepsPerEpoch } from "../data/sampler.ts";
import { type AddedData, joined, sessionImages } from "./session_images.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Device } from "../gpu/device.ts";
import { Memory } from "../gpu/memory.ts";
import { Snapshots } from "../gpu/readback.ts";
import type { SessionData } from "./session_data.ts";
import { SessionRanks } from "./session_ranks.ts";
import {
  readModules,
  type StoredModule,
  storedModules,
  writeModules,
} from "./module_tensors.ts";
import { averagingWeight } from "../config/averaging.ts";
import { learningRateAt } from "../config/optimizer.ts";
import { BatchShare } from "../step/batch_share.ts";
import { EpochOrders } from "./epoch_orders.ts";
import { BatchPlans } from "../step/batch_programs.ts";
import { type CompiledStep, compileTraining } from "../step/compiled_step.ts";
import type { RecomputedStatistics } from "../step/recomputed_statistics.ts";
import { averageStatistics } from "./average_statistics.ts";
import { writeInitialValues, writeValues } from "../step/network_values.ts";

/** Sums over the epoch so far, by the names of the step's measurements. */
export type EpochSums = Readonly<Record<string, number>>;

/** Prefix of running sums among a checkpoint's metrics. */
const SUM = "sum of ";

/** A training run on a device. Dispose of it. */
export class TrainingSession {
  readonly memory: Memory;
  readonly stepsPerEpoch: number;
  readonly step: CompiledStep;
  readonly #batching: Batching;
  readonly #plans: BatchPlans;
  /** The plans of update steps; null where all steps are alike. */
  readonly #updatePlans: BatchPlans | null;
  readonly #modules: readonly StoredModule[];
  readonly #snapshots: Snapshots;
  readonly #orders: EpochOrders;
  /** The ties to other ranks; null without any. */
  readonly ranks: SessionRanks | null;
  #statistics: RecomputedStatistics | null = null;
  #hasAverage = false;

  private constructor(
    step: CompiledStep,
    { memory, plans, updatePlans, communicator }: {
      readonly communicator: Communicator | null;
      readonly memory: Memory;
      readonly plans: BatchPlans;
      readonly updatePlans: BatchPlans | null;
    },
  ) {
    const { device } = memory;
    this.memory = memory;
    this.step = step;
    this.stepsPerEpoch = stepsPerEpoch(step.batching);
    this.#batching = step.batching;
    this.#plans = plans;
    this.#updatePlans = updatePlans;
    this.#modules = storedModules(step);
    this.#orders = new EpochOrders(step, memory);
    this.#snapshots = new Snapshots(device, memory.part(step.sums.variable));
    this.ranks = communicator &&
      new SessionRanks(communicator, { memory, modules: this.#modules });
  }

  /** Compiles an experiment's training step, and starts it. */
  static open(
    device: Device,
    {
      experiment,
      dataset,
      split,
      teacher = null,
      added = {},
      communicator = null,
    }:
      & Pick<SessionData, "teacher" | "communicator">
      & {
        readonly split: Split;
        /** What is read beside the data set. */
        readonly added?: AddedData | undefined;
        readonly experiment: Experiment;
        readonly dataset: Pick<Dataset, "shape" | "classNames">;
      },
  ): Promise<TrainingSession> {
    const { labeled, unlabeled } = sessionImages(split, { experiment, added });
    const { extra = null, features = null } = added;
    const step = compileTraining(experiment, {
      count: labeled.count,
      unlabeled: unlabeled?.count ?? 0,
      extra: extra?.count ?? 0,
      teacherFeatures: features?.width ?? 0,
      shape: dataset.shape,
      classes: dataset.classNames.length,
      ranks: communicator,
      ...device.adapter,
    });
    const all = extra ? joined(labeled, extra) : labeled;
    const data = { split: all, unlabeled, teacher, communicator };
    return TrainingSession.start(device, { ...data, step });
  }

  /** Binds a training step, uploads the images, and starts from step 0. */
  static async start(
    device: Device,
    { step, split, unlabeled = null, teacher = null, communicator = null }:
      & SessionData
      & { readonly step: CompiledStep },
  ): Promise<TrainingSession> {
    const { update, data, hyperparameters: { seed } } = step;
    const memory = new Memory(device);
    const plans = await BatchPlans.bind(step.programs, memory);
    const updatePlans = update &&
      await BatchPlans.bind(update.programs, memory);
    data.upload(memory, split);
    if (unlabeled) {
      // The split has zeros for labels, which are not read.
      const labels = new Uint8Array(unlabeled.count);
      step.unlabeledData?.upload(memory, { ...unlabeled, labels });
    }
    const bound = { memory, plans, updatePlans, communicator };
    const session = new TrainingSession(step, bound);
    for (const { network: { materialized } } of session.#modules) {
      writeInitialValues(memory, { materialized, seed });
    }
    if (teacher) {
      const { materialized } = step.teacher!;
      writeValues(memory, { materialized, values: teacher });
    }
    return session;
  }

  /** The learning rate of a step. */
  learningRate(step: number): number {
    const { optimizer, epochs } = this.step.hyperparameters;
    const progress = { step, epochs, stepsPerEpoch: this.stepsPerEpoch };
    return learningRateAt(optimizer.learningRate, progress);
  }

  /** Whether the average of the student's weights has begun. */
  get hasAverage(): boolean {
    return this.#hasAverage;
  }

  /**
   * Computes the running statistics of averaged weights from the training images, where
   * they do not follow from the student's.
   */
  async finishAverage(): Promise<void> {
    const { average, method: { averaging } } = this.step;
    if (!this.#hasAverage || averaging?.kind !== "swa") return;
    if (!average?.materialized.buffers) return;
    this.#statistics ??= await averageStatistics(this);
    // It goes through the images in an order of its own.
    this.#orders.forgetLabeled();
    await this.#statistics.run();
  }

  /** Takes a step, counted from 0. Returns as soon as it is submitted. */
  runStep(step: number): void {
    this.#plansOf(step).run(this.#prepare(step));
  }

  /**
   * The same, on a slow device in pieces, so that signal handlers run in between. No
   * other program may run on the device meanwhile.
   */
  async runStepInTurns(step: number): Promise<void> {
    const plans = this.#plansOf(step);
    const { ranks } = this;
    if (!ranks) return await plans.runInTurns(this.#prepare(step));
    if (ranks.communicator.rank === 0) await ranks.lead(step);
    await ranks.run(() => plans.runExchanging(this.#prepare(step), ranks.host));
  }

  /** Writes what a step reads. Returns the number of its images. */
  #prepare(step: number): number {
    const { sums, controls } = this.step;
    const { epoch, start, size } = batchAt(step, this.#batching);
    this.#orders.setLabeled(epoch);
    if (start === 0) {
      this.#writeSums(new Float32Array(sums.variable.shape[0]!));
    }
    const averageWeight = this.#averageWeight(step);
    if (averageWeight > 0) this.#hasAverage = true;
    controls.write(this.memory, {
      step,
      averageWeight,
      position: start + this.#shareOf(size).first,
      unlabeledPosition: this.#unlabeledPosition(step),
      epoch: epoch + 1,
      learningRate: this.learningRate(step),
    });
    return size;
  }

  #averageWeight(step: number): number {
    const { averaging } = this.step.method;
    const { stepsPerEpoch } = this;
    return averaging ? averagingWeight(averaging, { step, stepsPerEpoch }) : 0;
  }

  /** The plans of a step: those of update steps after every interval. */
  #plansOf(step: number): BatchPlans {
    const { update } = this.step;
    return update && (step + 1) % update.interval === 0
      ? this.#updatePlans!
      : this.#plans;
  }

  /** The place of this rank's share of a step's batch without labels. */
  #unlabeledPosition(step: number): number {
    const { unlabeled } = this.step.method;
    if (!unlabeled) return 0;
    const { first } = this.#shareOf(unlabeled.batchSize);
    return this.#orders.unlabeledStart(step) + first;
  }

  /** This rank's share of a batch. */
  #shareOf(batch: number): BatchShare {
    return new BatchShare(batch, this.ranks?.communicator ?? null);
  }

  /** Images seen in the epoch of the last of `steps` steps. */
  imagesInEpoch(steps: number): number {
    const { start, size } = batchAt(steps - 1, this.#batching);
    return start + size;
  }

  /** The epoch's sums as they are after the steps submitted so far. */
  async sums(): Promise<EpochSums> {
    return this.step.sums.decode(await this.#snapshots.take());
  }

  /** The part of a checkpoint that is on the device. */
  async save(): Promise<Pick<Checkpoint, "tensors" | "metrics">> {
    const modules = this.#modules.filter(({ group }) =>
      group !== "average" || this.#hasAverage
    );
    const tensors = await readModules(this.memory, modules);
    const sums = Object.entries(await this.sums());
    const metrics = Object.fromEntries(
      sums.map(([name, sum]) => [SUM + name, sum]),
    );
    return { tensors, metrics };
  }

  /** Continues from a checkpoint; without velocity, only its networks are taken. */
  restore(
    { tensors, metrics }: Pick<Checkpoint, "tensors" | "metrics">,
    source: string,
  ): void {
    writeModules(this.memory, this.#modules, { tensors, source });
    this.ranks?.stateChanged();
    this.#hasAverage = tensors.average !== undefined;
    const { names, variable } = this.step.sums;
    const sums = new Float32Array(variable.shape[0]!);
    names.forEach((name, slot) => sums[slot] = metrics[SUM + name] ?? 0);
    this.#writeSums(sums);
  }

  /** Releases everything on the device. */
  async dispose(): Promise<void> {
    await this.#snapshots.dispose();
    await this.ranks?.dispose();
    this.#plans.dispose();
    this.#updatePlans?.dispose();
    this.#statistics?.dispose();
    this.memory.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #writeSums(sums: Float32Array<ArrayBuffer>): void {
    this.memory.write(this.step.sums.variable, sums);
  }
}
