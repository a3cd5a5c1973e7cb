// Values that an attack and an objective hand to each other. Who needs one names its
// signal, an object that the other file exports: a misspelled one does not compile,
// and one that nobody recorded is an error that names it.

import type { Tensor } from "../graph/tensor.ts";

/** A value that one part of a method records in a step and another reads. */
export class Signal<T = Tensor> {
  /** Shown in errors. */
  readonly name: string;
  /** Only a type: what is recorded under this signal. */
  declare readonly value: T;

  /** A signal of its own, whatever its name. */
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
   * @throws {TypeError} if nobody recorded one.
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
