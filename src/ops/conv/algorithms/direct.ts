// Convolution kernels for any shape and device: one invocation per result.

import { type Dispatch, linearGrid } from "../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../graph/graph.ts";
import { f32 } from "../../../graph/tensor.ts";
import {
  convFlops,
  convLabel,
  type ConvProblem,
  type Epilogue,
  epilogueOf,
} from "../problem.ts";
import { kernel } from "../../kernel.ts";

/** Most output pixels that one invocation of a weight gradient adds. */
const CHUNK = 1024;

/** Dispatches for y from x and w, and what its epilogue adds. */
export function directForward(
  { inputs, outputs }: Lowering,
  sizes: ConvProblem,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  const { N, P, Q, K } = sizes;
  const { reads, constants: { MASK: _, ...constants } } = epilogueOf(
    inputs,
    epilogue,
  );
  return [{
    label: `conv2d ${convLabel(sizes)}`,
    kernel: kernel("conv2d_direct_forward", {
      constants: { ...constants, Stored: reads[0].dtype },
    }),
    reads: reads.slice(0, 4),
    writes: outputs,
    arguments: { ...sizes, chunk: 0 },
    workgroups: linearGrid(N * P * Q * K, 64),
    flops: convFlops(sizes),
  }];
}

/** Dispatches for dx from dy, w with channels swapped, and what follows. */
export function directInputGradient(
  { inputs, outputs }: Lowering,
  sizes: ConvProblem,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  const { N, H, W, C } = sizes;
  const { reads: [dy, w, , residual, mask], constants } = epilogueOf(
    inputs,
    epilogue,
  );
  const { RESIDUAL, MASK } = constants;
  return [{
    label: `conv2d input gradient ${convLabel(sizes)}`,
    kernel: kernel("conv2d_direct_input_gradient", {
      constants: { RESIDUAL, MASK, Stored: dy.dtype },
    }),
    reads: [dy, w, residual, mask],
    writes: outputs,
    arguments: { ...sizes, chunk: 0 },
    workgroups: linearGrid(N * H * W * C, 64),
    flops: convFlops(sizes),
  }];
}

/** Dispatches for dw from x and dy. */
export function directWeightGradient(
  { inputs, outputs: [dw], scratch }: Lowering,
  sizes: ConvProblem,
): Dispatch<Storage>[] {
  const { N, P, Q, R, S, C, K } = sizes;
  const weights = R * S * C * K;
  const chunks = Math.ceil(N * P * Q / CHUNK);
  const partial = scratch(f32([chunks, weights]));
  return [
    {
      label: `conv2d weight gradient ${convLabel(sizes)}`,
      kernel: kernel("conv2d_direct_weight_gradient", {
        constants: { Stored: inputs[0]!.dtype },
      }),
      reads: inputs,
      writes: [partial],
      arguments: { ...sizes, chunk: CHUNK },
      workgroups: linearGrid(chunks * weights, 64),
      flops: convFlops(sizes),
    },
    sumOfParts(partial, dw!, { parts: chunks, weights }),
  ];
}

/** dw as the sum of partial sums (parts, weights), in order. */
export function sumOfParts(
  partial: Storage,
  dw: Storage,
  { parts, weights }: { readonly parts: number; readonly weights: number },
): Dispatch<Storage> {
  return {
    label: "conv2d weight gradient sum",
    kernel: kernel("reduce_sum", { constants: { Stored: "f32" } }),
    reads: [partial],
    writes: [dw],
    arguments: {
      outer: 1,
      reduced: parts,
      inner: weights,
      chunks: 1,
      chunk: parts,
      factor: 1,
    },
    workgroups: linearGrid(weights, 64),
  };
}
