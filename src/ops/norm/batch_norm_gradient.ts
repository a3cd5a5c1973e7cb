// The derivatives of batch normalization: with respect to gamma and beta, which
// are sums over all rows, and with respect to x, which depends on those sums
// because the statistics came from the batch itself.

import { linearGrid } from "../../gpu/program.ts";
import type { Op } from "../../graph/graph.ts";
import { f32, like, sizeOf } from "../../graph/tensor.ts";
import { rowSums } from "./batch_norm_rows.ts";
import { elementOf } from "./channel_affine.ts";
import { addResidual } from "../fusions.ts";
import { kernel } from "../kernel.ts";
import { itemsFor, vectorAccess } from "../vectors.ts";

/** The number added to the variance. */
export interface BatchNormGradientParams {
  readonly epsilon: number;
}

/** Inputs x, dy, mean, variance; outputs dgamma, dbeta. */
export const batchNormParameterGradientOp: Op<BatchNormGradientParams> = {
  name: "batch_norm_parameter_gradient",
  half: true,

  infer([x]) {
    const channels = f32([x!.shape.at(-1)!]);
    return [channels, channels];
  },

  lower(io, { epsilon }) {
    const [x, dy, mean, variance] = io.inputs;
    const vectors = elementOf(x!);
    const { element, width } = vectors;
    const channels = x!.shape.at(-1)! / width;
    const rows = sizeOf(x!.shape.slice(0, -1));
    const { dispatches, partial, blocks } = rowSums(
      io,
      x!,
      (partial, block) => ({
        label: `batch norm gradient sums ${x!.shape.join("x")}`,
        kernel: kernel("batch_norm_gradient_partials", {
          constants: { Element: element },
          ...vectorAccess(io, vectors),
        }),
        reads: [x!, dy!, mean!, variance!],
        writes: [partial],
        arguments: { rows, channels, block, epsilon },
      }),
    );
    return [...dispatches, {
      label: "batch norm parameter gradients",
      kernel: kernel("batch_norm_gradient_sums", {
        constants: { Element: element },
      }),
      reads: [partial],
      writes: io.outputs,
      arguments: { channels, blocks },
      workgroups: linearGrid(channels, 64),
    }];
  },
};

/** The same, and whether another cotangent of x is added. */
export interface BatchNormInputGradientParams extends BatchNormGradientParams {
  readonly residual: boolean;
}

/** Inputs x, dy, mean, variance, gamma, dgamma, dbeta, [residual]; output dx. */
export const batchNormInputGradientOp: Op<BatchNormInputGradientParams> = {
  name: "batch_norm_input_gradient",
  half: true,
  infer: ([x]) => [like(x!, x!.shape)],

  fusions: [addResidual()],

  lower(io, { epsilon }) {
    const { inputs, outputs, scratch } = io;
    const [x, dy, mean, variance, gamma, dGamma, dBeta, residual] = inputs;
    const C = x!.shape.at(-1)!;
    const vectors = elementOf(x!);
    const { element, width } = vectors;
    const size = sizeOf(x!.shape) / width;
    const coefficients = scratch(f32([3, C]));
    return [
      {
        label: "batch norm gradient coefficients",
        kernel: kernel("batch_norm_coefficients"),
        reads: [gamma!, mean!, variance!, dGamma!, dBeta!],
        writes: [coefficients],
        arguments: { channels: C, rows: sizeOf(x!.shape) / C, epsilon },
        workgroups: linearGrid(C, 64),
      },
      {
        label: `batch norm input gradient ${x!.shape.join("x")}`,
        kernel: kernel("batch_norm_input_gradient", {
          constants: {
            Element: element,
            RESIDUAL: residual !== undefined,
            ...itemsFor(io),
          },
          ...vectorAccess(io, vectors),
        }),
        reads: [x!, dy!, coefficients, residual ?? x!],
        writes: outputs,
        arguments: { size, channels: C / width },
        workgroups: linearGrid(Math.ceil(size / 4), 64),
      },
    ];
  },
};
