// A network or a method's module in training: its parameters, their gradients and the
// optimizer's velocity, each one flat variable with the same layout. AdamW's mean gradients
// are its velocity, and beside it are their mean squares.

import type { Network } from "../nn/network.ts";
import type { Materialized, Module } from "../nn/module.ts";
import type { Graph } from "../graph/graph.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import { sgd } from "../ops/sgd.ts";
import { store } from "../ops/store.ts";
import { adamw } from "../ops/adamw.ts";
import {
  type AdamWConfig,
  type SgdConfig,
  weightDecayOf,
} from "../config/optimizer.ts";

/** An optimizer with the scalars that it reads. */
export type TracedOptimizer =
  | Omit<SgdConfig, "learningRate">
  | Omit<Required<AdamWConfig>, "learningRate" | "decay">
    & Pick<AdamWConfig, "decay">
    & {
      /** The scalars 1 - beta^t of both betas in step t, counted from 1. */
      readonly corrections: readonly [Tensor, Tensor];
    };

/** Variables of one size: parameters, and what the optimizer keeps of them. */
interface OptimizerState {
  readonly parameters: Variable;
  readonly gradients: Variable;
  readonly velocity: Variable;
  readonly squares: Variable | null;
}

/** A materialized network or module, with the variables of its optimizer. */
export class TrainedNetwork<M extends Module = Network> {
  readonly materialized: Materialized<M>;
  readonly gradients: Variable;
  readonly velocity: Variable;
  readonly #slices: readonly Variable[];
  #squares: Variable | null = null;

  constructor(materialized: Materialized<M>) {
    this.materialized = materialized;
    const { name, parameters: { shape } } = materialized;
    this.gradients = new Variable(`${name} gradients`, shape);
    this.velocity = new Variable(`${name} velocity`, shape);
    this.#slices = this.parameters.map((parameter) =>
      this.gradients.slice(parameter.name, parameter.byteOffset, parameter)
    );
  }

  /** AdamW's mean squared gradients, once a step by it was traced; else null. */
  get squares(): Variable | null {
    return this.#squares;
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
      readonly optimizer: TracedOptimizer;
      /** The factor of the loss, and so of the gradients; 1 if left out. */
      readonly lossScale?: number;
    },
  ): void {
    this.storeGradients(gradients);
    if (optimizer.kind === "adamw") this.#makeSquares();
    const { decay = "all" } = optimizer;
    const parts = decay === "all" ? [this.#whole] : this.#parts;
    for (const part of parts) {
      const weightDecay = weightDecayOf(optimizer, part.parameters);
      const numbers = { weightDecay, lossScale };
      const state = { ...part, learningRate };
      if (optimizer.kind === "adamw") {
        const { velocity: moments, squares } = part;
        const { corrections, beta1, beta2, epsilon } = optimizer;
        const moving = { moments, squares: squares!, corrections };
        const betas = { beta1, beta2, epsilon };
        adamw({ ...state, ...moving }, { ...betas, ...numbers });
      } else {
        const { momentum, nesterov } = optimizer;
        sgd(state, { momentum, nesterov, ...numbers });
      }
    }
  }

  #makeSquares(): void {
    const { name, parameters: { shape } } = this.materialized;
    this.#squares ??= new Variable(`${name} squares`, shape);
  }

  /** All parameters at once. */
  get #whole(): OptimizerState {
    const { materialized: { parameters }, gradients, velocity, squares } = this;
    return { parameters, gradients, velocity, squares };
  }

  /** One parameter after the other. */
  get #parts(): OptimizerState[] {
    return this.parameters.map((parameters, i) => {
      const slice = (flat: Variable, what: string) =>
        flat.slice(
          `${parameters.name} ${what}`,
          parameters.byteOffset,
          parameters,
        );
      return {
        parameters,
        gradients: this.#slices[i]!,
        velocity: slice(this.velocity, "velocity"),
        squares: this.squares && slice(this.squares, "squares"),
      };
    });
  }
}
