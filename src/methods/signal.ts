// Signals: values that an attack and an objective pass to each other in a step. A signal is
// an exported object and no string, so that a misspelled one does not compile. Reading one
// that was not recorded is an error.

import type { Tensor } from "../graph/tensor.ts";

/** A value that one part of a method records in a step and another reads. */
export class Signal<T = Tensor> {
  /** Shown in errors. */
  readonly name: string;
  /** The type of the recorded value; there is no such property. */
  declare readonly value: T;

  /** A new signal; equal names do not make equal signals. */
  constructor(name: string) {
    this.name = name;
  }
}

/** The values that were recorded in one step. */
export class Signals {
  readonly #values = new Map<Signal<unknown>, unknown>();

  /** Records a value, in place of an earlier one of this signal. */
  record<T>(signal: Signal<T>, value: T): void {
    this.#values.set(signal, value);
  }

  /**
   * The recorded value.
   *
   * @throws {TypeError} if none was recorded.
   */
  read<T>(signal: Signal<T>): T {
    if (this.#values.has(signal)) return this.#values.get(signal) as T;
    const names = [...this.#values.keys()].map(({ name }) => name);
    throw new TypeError(
      `Cannot read the ${signal.name}: expected an attack or an objective that ` +
        `records it but found ${names.join(", ") || "nothing recorded"}`,
    );
  }
}

/**
 * The share of an attack's steps before which an example was still classified
 * correctly, (N,), from 0 to 1. `pgd` records it.
 */
export const SURVIVAL_RATE: Signal = new Signal("survival rate");

/** How each example is attacked by `strategicPgd`. All are f32, (N,). */
export interface AttackStrategy {
  /** The radius of the example's ball. */
  readonly epsilon: Tensor;
  /** The length of its steps. */
  readonly stepSize: Tensor;
  /** The number of its steps. */
  readonly steps: Tensor;
}

/** The strategy that an objective chose before the attack. */
export const ATTACK_STRATEGY: Signal<AttackStrategy> = new Signal(
  "attack strategy",
);
