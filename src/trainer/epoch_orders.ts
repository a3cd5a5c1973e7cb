// The orders of a session's images: each is drawn anew for its epoch, and written to the
// device by the first step that needs it.

import { epochOrder, mixedOrder, wholeBatchAt } from "../data/sampler.ts";
import type { Memory } from "../gpu/memory.ts";
import type { CompiledStep } from "../step/compiled_step.ts";

/** The orders that the device has. */
export class EpochOrders {
  readonly #step: CompiledStep;
  readonly #memory: Memory;
  #labeledEpoch = -1;
  #unlabeledEpoch = -1;

  constructor(step: CompiledStep, memory: Memory) {
    this.#step = step;
    this.#memory = memory;
  }

  /** Sets the order of the images with labels in an epoch, counted from 0. */
  setLabeled(epoch: number): void {
    if (this.#labeledEpoch === epoch) return;
    const { hyperparameters: { seed }, batching, extra, data } = this.#step;
    const order = extra
      ? mixedOrder({ seed, epoch }, { batching, extra })
      : epochOrder({ seed, epoch }, batching.count);
    data.setOrder(this.#memory, order);
    this.#labeledEpoch = epoch;
  }

  /** Lets the next step set the order again, after another program wrote one. */
  forgetLabeled(): void {
    this.#labeledEpoch = -1;
  }

  /** The place of a step's batch without labels, in their order, which is set. */
  unlabeledStart(step: number): number {
    const { method: { unlabeled }, unlabeledData: data } = this.#step;
    if (!unlabeled || !data) return 0;
    const { batchSize } = unlabeled;
    const { count } = data;
    const { epoch, start } = wholeBatchAt(step, { count, batchSize });
    if (this.#unlabeledEpoch !== epoch) {
      const { seed } = this.#step.hyperparameters;
      const stream = "shuffle unlabeled";
      data.setOrder(this.#memory, epochOrder({ seed, epoch, stream }, count));
      this.#unlabeledEpoch = epoch;
    }
    return start;
  }
}
