// A network in training, or a module that a method keeps: its parameters, their
// gradients and the optimizer's velocity, each one flat variable with the same
// layout.

import type { Network } from "../nn/network.ts";
import type { Materialized, Module } from "../nn/module.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import { sgd } from "../ops/sgd.ts";
import { store } from "../ops/store.ts";
import type { OptimizerConfig } from "../config/optimizer.ts";

/** A network or another module, laid out, with the variables of its optimizer. */
export class TrainedNetwork<M extends Module = Network> {
  readonly placed: Materialized<M>;
  readonly gradients: Variable;
  readonly velocity: Variable;
  readonly #slices: readonly Variable[];

  constructor(placed: Materialized<M>) {
    this.placed = placed;
    const { name, parameters: { shape } } = placed;
    this.gradients = new Variable(`${name} gradients`, shape);
    this.velocity = new Variable(`${name} velocity`, shape);
    this.#slices = this.parameters.map((parameter) =>
      this.gradients.slice(parameter.name, parameter.byteOffset, parameter)
    );
  }

  /** The trainable parameters in their order. */
  get parameters(): readonly Variable[] {
    return [...this.placed.trainable.values()];
  }

  /** Traces a step of descent along gradients given in the parameters' order. */
  descend(
    gradients: readonly Tensor[],
    { learningRate, optimizer, lossScale = 1 }: {
      readonly learningRate: Tensor;
      readonly optimizer: Omit<OptimizerConfig, "learningRate">;
      /** What the loss, and so the gradients, were multiplied by; 1 if left out. */
      readonly lossScale?: number;
    },
  ): void {
    gradients.forEach((gradient, i) => store(gradient, this.#slices[i]!));
    const { parameters } = this.placed;
    const state = {
      parameters,
      gradients: this.gradients,
      velocity: this.velocity,
    };
    sgd({ ...state, learningRate }, { ...optimizer, lossScale });
  }
}
