// Stochastic gradient descent with momentum and weight decay, in PyTorch's form,
// over flat buffers: every parameter of a network is updated by one dispatch (one
// per 128 MiB). Weight decay therefore applies to all of them, biases and batch
// norms included, as in the reference implementations.

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
export interface SgdParams {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  /** The factor of the gradients, a power of two; 1 if left out. */
  readonly lossScale?: number;
}

/** Inputs: parameters, gradients, velocity, learning rate. */
export const sgdOp: Op<SgdParams> = {
  name: "sgd",
  updates: [0, 2],

  infer(inputs) {
    checkOperands(inputs);
    return [];
  },

  lower({ inputs }, params) {
    const { momentum, nesterov, weightDecay, lossScale = 1 } = params;
    const [parameters, gradients, velocity, learningRate] = inputs;
    const pieces = bindablePieces(sizeOf(parameters!.shape), { bytes: 4 });
    return pieces.map((piece): Dispatch<Storage> => {
      const part = (flat: Tensor) =>
        pieces.length === 1 ? flat : partOf(flat, piece);
      const wide = piece.count % 4 === 0;
      const size = wide ? piece.count / 4 : piece.count;
      return {
        label: `sgd ${piece.count}`,
        kernel: kernel("sgd", {
          constants: {
            Element: wide ? "vec4f" : "f32",
            SCALED: lossScale !== 1,
          },
        }),
        reads: [part(gradients!), learningRate!],
        writes: [part(parameters!), part(velocity!)],
        arguments: {
          size,
          nesterov: nesterov ? 1 : 0,
          momentum,
          weight_decay: weightDecay,
          loss_scale: lossScale,
        },
        workgroups: linearGrid(size, 64),
      };
    });
  },
};

function checkOperands(inputs: readonly TensorType[]): void {
  const [parameters, gradients, velocity, learningRate] = inputs;
  const sizes = [parameters, gradients, velocity].map((x) => sizeOf(x!.shape));
  const fits = inputs.every(({ dtype }) => dtype === "f32") &&
    sizes.every((size) => size === sizes[0]) &&
    sizeOf(learningRate!.shape) === 1;
  if (!fits) {
    throw new TypeError(
      `Cannot descend: expected parameters, gradients and velocity of one size and a scalar learning rate, all f32, but found ${
        inputs.map(formatType).join(", ")
      }`,
    );
  }
}

/** The flat variables of a network and its optimizer. */
export interface SgdState {
  /** Updated. */
  readonly parameters: Variable;
  readonly gradients: Variable;
  /** Updated; zeros before the first step. PyTorch calls it the momentum buffer. */
  readonly velocity: Variable;
  /** A scalar, since it changes between steps. */
  readonly learningRate: Tensor;
}

/**
 * One step of descent:
 *
 *     g = gradients / lossScale + weightDecay · parameters
 *     velocity := momentum · velocity + g
 *     parameters := parameters - learningRate · velocity
 *
 * With Nesterov's momentum, g + momentum · velocity stands in the last line.
 *
 * @throws {TypeError} if the variables differ in size.
 */
export function sgd(
  { parameters, gradients, velocity, learningRate }: SgdState,
  { nesterov = false, ...params }: Omit<SgdParams, "nesterov"> & {
    readonly nesterov?: boolean;
  },
): void {
  const inputs = [parameters, gradients, velocity, learningRate];
  apply(sgdOp, inputs, { ...params, nesterov });
}
