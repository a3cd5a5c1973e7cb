// Which kernel computes a convolution, by pass, shape and adapter class.

import { type Dispatch, linearGrid } from "../gpu/program.ts";
import type { Lowering, Storage } from "../graph/graph.ts";
import { f32 } from "../graph/tensor.ts";
import { convFlops, convLabel, type ConvSizes } from "./conv2d_sizes.ts";
import { kernel } from "./kernel.ts";

/** Most output pixels that one invocation of a direct weight gradient adds. */
const DIRECT_CHUNK = 1024;

/** Dispatches for y from x and w. */
export function forward(
  { inputs, outputs }: Lowering,
  sizes: ConvSizes,
): Dispatch<Storage>[] {
  const { N, P, Q, K } = sizes;
  return [{
    label: `conv2d ${convLabel(sizes)}`,
    kernel: kernel("conv2d_direct_forward"),
    reads: inputs,
    writes: outputs,
    arguments: { ...sizes, chunk: 0 },
    workgroups: linearGrid(N * P * Q * K, 64),
    flops: convFlops(sizes),
  }];
}

/** Dispatches for dx from dy and w. */
export function inputGradient(
  { inputs, outputs }: Lowering,
  sizes: ConvSizes,
): Dispatch<Storage>[] {
  const { N, H, W, C } = sizes;
  return [{
    label: `conv2d input gradient ${convLabel(sizes)}`,
    kernel: kernel("conv2d_direct_input_gradient"),
    reads: inputs,
    writes: outputs,
    arguments: { ...sizes, chunk: 0 },
    workgroups: linearGrid(N * H * W * C, 64),
    flops: convFlops(sizes),
  }];
}

/** Dispatches for dw from x and dy: partial sums over pixels, then their sum. */
export function weightGradient(
  { inputs, outputs: [dw], scratch }: Lowering,
  sizes: ConvSizes,
): Dispatch<Storage>[] {
  const { N, P, Q, R, S, C, K } = sizes;
  const pixels = N * P * Q;
  const weights = R * S * C * K;
  const chunks = Math.ceil(pixels / DIRECT_CHUNK);
  const partial = scratch(f32([chunks, weights]));
  return [
    {
      label: `conv2d weight gradient ${convLabel(sizes)}`,
      kernel: kernel("conv2d_direct_weight_gradient"),
      reads: inputs,
      writes: [partial],
      arguments: { ...sizes, chunk: DIRECT_CHUNK },
      workgroups: linearGrid(chunks * weights, 64),
      flops: convFlops(sizes),
    },
    {
      label: "conv2d weight gradient sum",
      kernel: kernel("reduce_sum"),
      reads: [partial],
      writes: [dw!],
      arguments: {
        outer: 1,
        reduced: chunks,
        inner: weights,
        chunks: 1,
        chunk: chunks,
        factor: 1,
      },
      workgroups: linearGrid(weights, 64),
    },
  ];
}
