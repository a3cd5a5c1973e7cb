// The device's side of a training run: networks, data and plans bound to a device,
// advanced one step at a time. A step is a function of its number alone, so a
// session that starts from a checkpoint continues bit by bit.

import type { Checkpoint } from "../runs/checkpoint.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import {
  batchAt,
  epochOrder,
  stepsPerEpoch,
  wholeBatchAt,
} from "../data/sampler.ts";
import { dropLabels, type UnlabeledImages } from "../data/drop_labels.ts";
import type { Experiment } from "../config/experiment.ts";
import type { Device } from "../gpu/device.ts";
import { Memory } from "../gpu/memory.ts";
import { Plan } from "../gpu/plan.ts";
import { Snapshots } from "../gpu/readback.ts";
import type { NetworkValues } from "../weights/network_tensors.ts";
import { initialValues, type Module } from "../nn/module.ts";
import {
  readModules,
  type StoredModule,
  storedModules,
  writeModules,
  writeValues,
} from "./module_tensors.ts";
import { learningRateAt } from "../config/optimizer.ts";
import type { TrainedNetwork } from "../step/trained_network.ts";
import {
  type CompiledStep,
  compileTraining,
  type StepPrograms,
} from "../step/compiled_step.ts";
import type { Hyperparameters } from "../config/hyperparameters.ts";

/** What a session trains, and on what. */
export interface SessionOptions {
  readonly experiment: Experiment;
  readonly dataset: Pick<Dataset, "shape" | "classNames">;
  /** The images to train on, without those held out. */
  readonly split: Split;
  /** What the teacher starts from, in place of its draws. */
  readonly teacher?: NetworkValues | null;
}

/** A compiled training step and the images that it is for. */
export interface SessionParts {
  readonly programs: CompiledStep;
  readonly split: Split;
  /** Images without labels, where the step learns from some. */
  readonly unlabeled?: UnlabeledImages | null;
  /** What the teacher starts from, in place of its draws. */
  readonly teacher?: NetworkValues | null;
}

/** Sums over the epoch so far, by the names of the step's measurements. */
export type EpochSums = Readonly<Record<string, number>>;

/** Prefix of running sums among a checkpoint's metrics. */
const SUM = "sum of ";

/** A step's programs on a device. */
interface BoundSteps {
  readonly batch: Plan;
  readonly rest: Plan | null;
}

async function bindSteps(
  { batch, rest }: StepPrograms,
  memory: Memory,
): Promise<BoundSteps> {
  return {
    batch: await Plan.bind(batch, memory),
    rest: rest && await Plan.bind(rest, memory),
  };
}

/** A training run on a device. */
export class TrainingSession {
  readonly memory: Memory;
  readonly stepsPerEpoch: number;
  readonly programs: CompiledStep;
  readonly #settings: Hyperparameters;
  readonly #count: number;
  readonly #plans: BoundSteps;
  readonly #due: BoundSteps | null;
  readonly #modules: readonly StoredModule[];
  readonly #snapshots: Snapshots;
  #orderOf = -1;
  #unlabeledOrderOf = -1;

  private constructor(
    { programs, split }: SessionParts,
    bound: {
      readonly memory: Memory;
      readonly plans: BoundSteps;
      readonly due: BoundSteps | null;
    },
  ) {
    this.memory = bound.memory;
    this.programs = programs;
    this.#settings = programs.hyperparameters;
    this.#modules = storedModules(programs);
    this.#count = split.count;
    this.#plans = bound.plans;
    this.#due = bound.due;
    const { batchSize } = this.#settings;
    this.stepsPerEpoch = stepsPerEpoch({ count: split.count, batchSize });
    const { variable } = programs.sums;
    this.#snapshots = new Snapshots(
      bound.memory.device,
      bound.memory.part(variable),
    );
  }

  /** Compiles an experiment's training step, and starts it. */
  static open(
    device: Device,
    { experiment, dataset, split, teacher = null }: SessionOptions,
  ): Promise<TrainingSession> {
    const { fraction = 0 } = experiment.unlabeled ?? {};
    const parts = fraction === 0
      ? { labeled: split, unlabeled: null }
      : dropLabels(split, fraction);
    const { labeled, unlabeled } = parts;
    const programs = compileTraining(experiment, {
      count: labeled.count,
      unlabeled: unlabeled?.count ?? 0,
      shape: dataset.shape,
      classes: dataset.classNames.length,
      ...device.adapter,
    });
    return TrainingSession.start(device, {
      ...{ programs, split: labeled, unlabeled, teacher },
    });
  }

  /** Binds a training step, uploads the images, and starts from step 0. */
  static async start(
    device: Device,
    { programs, split, unlabeled = null, teacher = null }: SessionParts,
  ): Promise<TrainingSession> {
    const memory = new Memory(device);
    const plans = await bindSteps(programs, memory);
    const due = programs.update && await bindSteps(programs.update, memory);
    programs.data.upload(memory, split);
    if (unlabeled) {
      // Zeros stand for labels, which nobody looks at.
      const labels = new Uint8Array(unlabeled.count);
      programs.unlabeledData?.upload(memory, { ...unlabeled, labels });
    }
    const session = new TrainingSession({ programs, split }, {
      memory,
      plans,
      due,
    });
    for (const { network } of session.#modules) session.#initialize(network);
    if (teacher) writeValues(memory, programs.teacher!.placed, teacher);
    return session;
  }

  /** The learning rate of a step. */
  learningRate(step: number): number {
    const { optimizer, epochs } = this.#settings;
    const progress = { step, epochs, stepsPerEpoch: this.stepsPerEpoch };
    return learningRateAt(optimizer.learningRate, progress);
  }

  /** Takes a step, counted from 0. Returns as soon as it is submitted. */
  runStep(step: number): void {
    const { seed, batchSize } = this.#settings;
    const { epoch, start, size } = batchAt(step, {
      count: this.#count,
      batchSize,
    });
    if (this.#orderOf !== epoch) {
      this.programs.data.setOrder(
        this.memory,
        epochOrder({ seed, epoch }, this.#count),
      );
      this.#orderOf = epoch;
    }
    if (start === 0) {
      this.#writeSums(new Float32Array(this.programs.sums.variable.shape[0]!));
    }
    this.programs.controls.write(this.memory, {
      step,
      position: start,
      unlabeledPosition: this.#unlabeledPosition(step),
      epoch: epoch + 1,
      learningRate: this.learningRate(step),
    });
    const full = Math.min(batchSize, this.#count);
    const { batch, rest } = this.#plansOf(step);
    (size === full ? batch : rest!).run();
  }

  /** The plans of a step: others where the objective's interval is over with it. */
  #plansOf(step: number): BoundSteps {
    const { update } = this.programs;
    return update && (step + 1) % update.interval === 0
      ? this.#due!
      : this.#plans;
  }

  /** Where a step's images without labels are, whose order is set where it changes. */
  #unlabeledPosition(step: number): number {
    const { method: { unlabeled }, unlabeledData: data } = this.programs;
    if (!unlabeled || !data) return 0;
    const { batchSize } = unlabeled;
    const { count } = data;
    const { epoch, start } = wholeBatchAt(step, { count, batchSize });
    if (this.#unlabeledOrderOf !== epoch) {
      const { seed } = this.#settings;
      const stream = "shuffle unlabeled";
      data.setOrder(this.memory, epochOrder({ seed, epoch, stream }, count));
      this.#unlabeledOrderOf = epoch;
    }
    return start;
  }

  /** Images seen in the epoch of the last of `steps` steps. */
  imagesInEpoch(steps: number): number {
    const { start, size } = batchAt(steps - 1, {
      count: this.#count,
      batchSize: this.#settings.batchSize,
    });
    return start + size;
  }

  /** The epoch's sums as they are after the steps submitted so far. */
  async sums(): Promise<EpochSums> {
    return this.programs.sums.decode(await this.#snapshots.take());
  }

  /** What a checkpoint holds of the device. */
  async save(): Promise<Pick<Checkpoint, "tensors" | "metrics">> {
    const tensors = await readModules(this.memory, this.#modules);
    const sums = Object.entries(await this.sums());
    const metrics = Object.fromEntries(
      sums.map(([name, sum]) => [SUM + name, sum]),
    );
    return { tensors, metrics };
  }

  /** Continues from a checkpoint; without velocity, only its networks are taken. */
  restore({ tensors, metrics }: Checkpoint, source: string): void {
    writeModules(this.memory, this.#modules, { tensors, source });
    const { names, variable } = this.programs.sums;
    const sums = new Float32Array(variable.shape[0]!);
    names.forEach((name, slot) => sums[slot] = metrics[SUM + name] ?? 0);
    this.#writeSums(sums);
  }

  /** Releases everything on the device. */
  async dispose(): Promise<void> {
    await this.#snapshots.dispose();
    for (const steps of [this.#plans, this.#due]) {
      steps?.batch.dispose();
      steps?.rest?.dispose();
    }
    this.memory.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #initialize({ placed }: TrainedNetwork<Module>): void {
    const { seed } = this.#settings;
    for (const flat of [placed.parameters, placed.buffers]) {
      if (flat) this.memory.write(flat, initialValues(placed, { flat, seed }));
    }
  }

  #writeSums(sums: Float32Array<ArrayBuffer>): void {
    this.memory.write(this.programs.sums.variable, sums);
  }
}
