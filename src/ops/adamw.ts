// AdamW (Loshchilov & Hutter, 2019) in PyTorch's form, over flat buffers as `sgd`: decay
// is decoupled from the gradient, and both moments are divided by what they lack in the
// first steps, 1 - beta^step. This factor is a scalar from the host, since it is nearly 0
// where the device's single precision would lose it.

import { type Dispatch, linearGrid } from "../gpu/program.ts";
import { apply, type Op, type Storage } from "../graph/graph.ts";
import {
  formatType,
  sizeOf,
  type Tensor,
  type TensorType,
  type Variable,
} from "../graph/tensor.ts";
import { kernel } from "./kernel.ts";
import { bindablePieces, partOf } from "./pieces.ts";

/** Parameters that are equal in every step. */
export interface AdamWParams {
  /** The part of the first moment that a step keeps. */
  readonly beta1: number;
  /** The part of the second moment that a step keeps. */
  readonly beta2: number;
  /** Added to the root of the second moment. */
  readonly epsilon: number;
  readonly weightDecay: number;
  /** The factor of the gradients, a power of two; 1 if left out. */
  readonly lossScale?: number;
}

/**
 * Inputs: parameters, gradients, first moments, second moments, learning rate, 1 - beta1^t,
 * 1 - beta2^t.
 */
export const adamwOp: Op<AdamWParams> = {
  name: "adamw",
  updates: [0, 2, 3],

  infer(inputs) {
    checkOperands(inputs);
    return [];
  },

  lower({ inputs }, params) {
    const { beta1, beta2, epsilon, weightDecay, lossScale = 1 } = params;
    const [parameters, gradients, moments, squares, ...scalars] = inputs;
    const pieces = bindablePieces(sizeOf(parameters!.shape), { bytes: 4 });
    return pieces.map((piece): Dispatch<Storage> => {
      const part = (flat: Tensor) =>
        pieces.length === 1 ? flat : partOf(flat, piece);
      const wide = piece.count % 4 === 0;
      const size = wide ? piece.count / 4 : piece.count;
      return {
        label: `adamw ${piece.count}`,
        kernel: kernel("adamw", {
          constants: {
            Element: wide ? "vec4f" : "f32",
            SCALED: lossScale !== 1,
          },
        }),
        reads: [part(gradients!), ...scalars],
        writes: [part(parameters!), part(moments!), part(squares!)],
        arguments: {
          size,
          fresh1: 1 - beta1,
          beta2,
          fresh2: 1 - beta2,
          epsilon,
          weight_decay: weightDecay,
          loss_scale: lossScale,
        },
        workgroups: linearGrid(size, 64),
      };
    });
  },
};

function checkOperands(inputs: readonly TensorType[]): void {
  const sizes = inputs.map(({ shape }) => sizeOf(shape));
  const fits = inputs.every(({ dtype }) => dtype === "f32") &&
    sizes.every((size, i) => size === (i < 4 ? sizes[0] : 1));
  if (fits) return;
  throw new TypeError(
    "Cannot descend: expected parameters, gradients and moments of one size " +
      "and three scalars, all f32, but found " +
      inputs.map(formatType).join(", "),
  );
}

/** The flat variables of a network and its optimizer. */
export interface AdamWState {
  /** Updated. */
  readonly parameters: Variable;
  readonly gradients: Variable;
  /** Updated; zeros before the first step. PyTorch calls it exp_avg. */
  readonly moments: Variable;
  /** Updated; zeros before the first step. PyTorch calls it exp_avg_sq. */
  readonly squares: Variable;
  /** A scalar, since it changes between steps. */
  readonly learningRate: Tensor;
  /** The scalars 1 - beta1^t and 1 - beta2^t of step t, counted from 1. */
  readonly corrections: readonly [Tensor, Tensor];
}

/**
 * One step of descent, with g = gradients / lossScale:
 *
 *     moments := beta1 · moments + (1 - beta1) g
 *     squares := beta2 · squares + (1 - beta2) g²
 *     parameters := (1 - learningRate · weightDecay) parameters
 *       - learningRate · (moments / correction1) / (√(squares / correction2) + epsilon)
 *
 * @throws {TypeError} if the variables differ in size.
 */
export function adamw(
  { parameters, gradients, moments, squares, learningRate, corrections }:
    AdamWState,
  params: AdamWParams,
): void {
  const state = [parameters, gradients, moments, squares];
  apply(adamwOp, [...state, learningRate, ...corrections], params);
}
