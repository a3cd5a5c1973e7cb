// A network or a method's module in training: its parameters, their gradients and the
// optimizer's velocity, each one flat variable with the same layout.

import type { Network } from "../nn/network.ts";
import type { Materialized, Module } from "../nn/module.ts";
import type { Graph } from "../graph/graph.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import { sgd } from "../ops/sgd.ts";
import { store } from "../ops/store.ts";
import { type OptimizerConfig, weightDecayOf } from "../config/optimizer.ts";

/** A materialized network or module, with the variables of its optimizer. */
export class TrainedNetwork<M extends Module = Network> {
  readonly materialized: Materialized<M>;
  readonly gradients: Variable;
  readonly velocity: Variable;
  readonly #slices: readonly Variable[];

  constructor(materialized: Materialized<M>) {
    this.materialized = materialized;
    const { name, parameters: { shape } } = materialized;
    this.gradients = new Variable(`${name} gradients`, shape);
    this.velocity = new Variable(`${name} velocity`, shape);
    this.#slices = this.parameters.map((parameter) =>
      this.gradients.slice(parameter.name, parameter.byteOffset, parameter)
    );
  }

  /** The network or module itself. */
  get module(): M {
    return this.materialized.module;
  }

  /** The trainable parameters in their order. */
  get parameters(): readonly Variable[] {
    return [...this.materialized.trainable.values()];
  }

  /** Keeps gradients, given in the parameters' order, in one flat variable. */
  storeGradients(gradients: readonly Tensor[]): void {
    gradients.forEach((gradient, i) => {
      const slice = this.#slices[i]!;
      // Those that ranks have exchanged are there already.
      if (gradient.source !== slice) store(gradient, slice);
    });
  }

  /** Where the gradients of some of the parameters are kept. */
  gradientsOf(parameters: readonly Variable[]): Map<Variable, Variable> {
    const wanted = new Set(parameters);
    const all = this.parameters.map((one, i) =>
      [one, this.#slices[i]!] as const
    );
    return new Map(all.filter(([one]) => wanted.has(one)));
  }

  /** The gradients that are kept, in the parameters' order. */
  readGradients(graph: Graph): Tensor[] {
    return this.#slices.map((slice) => graph.read(slice));
  }

  /** Traces a step of descent along gradients given in the parameters' order. */
  descend(
    gradients: readonly Tensor[],
    { learningRate, optimizer, lossScale = 1 }: {
      readonly learningRate: Tensor;
      readonly optimizer: Omit<OptimizerConfig, "learningRate">;
      /** The factor of the loss, and so of the gradients; 1 if left out. */
      readonly lossScale?: number;
    },
  ): void {
    this.storeGradients(gradients);
    const { decay = "all", ...others } = optimizer;
    if (decay === "all") {
      const { materialized: { parameters }, gradients, velocity } = this;
      const state = { parameters, gradients, velocity, learningRate };
      return sgd(state, { ...others, lossScale });
    }
    this.parameters.forEach((parameters, i) => {
      const weightDecay = weightDecayOf(optimizer, parameters);
      const state = {
        parameters,
        gradients: this.#slices[i]!,
        velocity: this.#velocityOf(parameters),
        learningRate,
      };
      sgd(state, { ...others, weightDecay, lossScale });
    });
  }

  #velocityOf(parameter: Variable): Variable {
    const { name, byteOffset } = parameter;
    return this.velocity.slice(`${name} velocity`, byteOffset, parameter);
  }
}
