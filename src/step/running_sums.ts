// Sums that a step adds to on the device, by name: losses times images, and counts
// of correct predictions. Dividing by the images seen gives running means.

import { type Tensor, Variable } from "../graph/tensor.ts";
import { accumulate } from "../ops/metrics.ts";

/** Most names that one set of sums holds. */
const SLOTS = 64;

/** Named sums in one variable. */
export class RunningSums {
  readonly variable: Variable = new Variable("metrics", [SLOTS]);
  readonly #slots = new Map<string, number>();

  /** The names in use. */
  get names(): readonly string[] {
    return [...this.#slots.keys()];
  }

  /** Traces the addition of all elements of `value` to the sum of that name. */
  add(name: string, value: Tensor): void {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = this.#slots.size;
      this.#slots.set(name, slot);
    }
    accumulate(this.variable, { slot, value });
  }

  /** The sums in a copy of the variable's bytes. */
  decode(bytes: ArrayBuffer): Record<string, number> {
    const values = new Float32Array(bytes);
    return Object.fromEntries(
      [...this.#slots].map(([name, slot]) => [name, values[slot]!]),
    );
  }
}
