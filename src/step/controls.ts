// The numbers that the host changes between steps, such as the step, the learning rate and
// the weights of terms. A compiled program is fixed, and reads them from variables, which
// share one small buffer and are written at once.

import type { Memory } from "../gpu/memory.ts";
import { flatten, Variable } from "../graph/tensor.ts";
import { type EpochSchedule, scheduleAt } from "../methods/epoch_schedule.ts";

/** The position of a run. */
export interface ControlValues {
  /** Address of the step's random numbers, counted from 0. */
  readonly step: number;
  /** Place of the batch's first image in the epoch's order. */
  readonly position: number;
  /** The same of a batch without labels; 0 if left out. */
  readonly unlabeledPosition?: number;
  /** Counted from 1. */
  readonly epoch: number;
  readonly learningRate: number;
  /** The weight of the newest values in an average of weights; 0 if left out. */
  readonly averageWeight?: number;
}

/** The scalars of a step. */
export class Controls {
  /** u32: the step. */
  readonly step: Variable = new Variable("step", [], "u32");
  /** u32: place of the batch in the epoch's order. */
  readonly position: Variable = new Variable("position", [], "u32");
  /** u32: place of the unlabeled batch in the order of its images. */
  readonly unlabeledPosition: Variable = new Variable(
    "unlabeled position",
    [],
    "u32",
  );
  readonly learningRate: Variable = new Variable("learning rate", []);
  /** f32: the epoch, counted from 1. */
  readonly epoch: Variable = new Variable("epoch", []);
  readonly #scheduled = new Map<
    string,
    { variable: Variable; schedule: EpochSchedule }
  >();
  readonly #corrections = new Map<number, Variable>();
  #averageWeight: Variable | null = null;
  #flat: Variable | null = null;

  /** The scalar of a schedule; equal names and schedules share one. */
  scheduled(name: string, schedule: EpochSchedule): Variable {
    const key = `${name} ${JSON.stringify(schedule)}`;
    const known = this.#scheduled.get(key);
    if (known) return known.variable;
    if (this.#flat) {
      throw new TypeError(`Cannot add ${name}: the controls are in use`);
    }
    const variable = new Variable(name, []);
    this.#scheduled.set(key, { variable, schedule });
    return variable;
  }

  /** The scalar 1 - beta^t in step t, counted from 1, by which Adam divides a moment. */
  biasCorrection(beta: number): Variable {
    const known = this.#corrections.get(beta);
    if (known) return known;
    const variable = new Variable(`correction of ${beta}`, []);
    this.#corrections.set(beta, variable);
    return variable;
  }

  /** f32: the weight of the newest values in an average of weights. */
  get averageWeight(): Variable {
    return this.#averageWeight ??= new Variable("weight of the newest", []);
  }

  /** Gives the scalars their place. To be called after tracing, before compiling. */
  seal(): void {
    const scheduled = [...this.#scheduled.values()].map(({ variable }) =>
      variable
    );
    this.#flat ??= flatten("controls", [
      this.step,
      this.position,
      this.unlabeledPosition,
      this.learningRate,
      this.epoch,
      ...scheduled,
      ...this.#corrections.values(),
      ...this.#averageWeight ? [this.#averageWeight] : [],
    ]);
  }

  /** Sets all scalars for the next step, in one write. */
  write(
    memory: Memory,
    values: ControlValues,
  ): void {
    const { step, position, epoch, learningRate } = values;
    const { unlabeledPosition = 0 } = values;
    const bytes = new DataView(new ArrayBuffer(this.#flat!.byteLength));
    bytes.setUint32(this.step.byteOffset, step, true);
    bytes.setUint32(this.position.byteOffset, position, true);
    const { byteOffset } = this.unlabeledPosition;
    bytes.setUint32(byteOffset, unlabeledPosition, true);
    bytes.setFloat32(this.learningRate.byteOffset, learningRate, true);
    bytes.setFloat32(this.epoch.byteOffset, epoch, true);
    for (const { variable, schedule } of this.#scheduled.values()) {
      bytes.setFloat32(variable.byteOffset, scheduleAt(schedule, epoch), true);
    }
    for (const [beta, { byteOffset }] of this.#corrections) {
      bytes.setFloat32(byteOffset, 1 - beta ** (step + 1), true);
    }
    if (this.#averageWeight) {
      const { averageWeight = 0 } = values;
      bytes.setFloat32(this.#averageWeight.byteOffset, averageWeight, true);
    }
    memory.write(this.#flat!, bytes);
  }
}
