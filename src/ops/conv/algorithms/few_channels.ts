// Convolutions on GPUs of images with one to three channels, as in a network's first layer.
// Channels are not padded, neither of images nor of weights, and an input gradient computes
// no more filters than there are channels.

import { type Dispatch, linearGrid } from "../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../graph/graph.ts";
import { kernel } from "../../kernel.ts";
import {
  type ConvAlgorithm,
  type Convolution,
  gpuProductCost,
} from "../algorithm.ts";
import { bindEpilogue } from "../epilogue.ts";
import { convFlops, convLabel } from "../problem.ts";

/** Neighboring pixels of a row that a thread owns. */
const PIXELS = 8;

/** Groups of pixels of a workgroup of the input gradient. */
const GROUPS = 8;

/** Most taps of a row, and longest stride: loops over them are written out. */
const MAX_TAPS = 5;
const MAX_STRIDE = 2;

/** Images of one to three channels; an input gradient has stride 1. */
export const fewChannels: ConvAlgorithm = {
  name: "fewChannels",

  supports({ pass, problem: { C, K, S, stride } }) {
    return C <= 3 && K % 4 === 0 && S <= MAX_TAPS &&
      stride <= (pass === "forward" ? MAX_STRIDE : 1);
  },

  // As much as implicit GEMM, which would multiply by as many zeros as weights, or more.
  cost: ({ problem, target }) =>
    target.adapterClass === "gpu" ? gpuProductCost(problem) : Infinity,

  lower: { "forward": forward, "input gradient": inputGradient },
};

/** Dispatches for y from x and w, and what its epilogue adds. */
function forward(
  { inputs, outputs }: Lowering,
  { problem, epilogue }: Convolution,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride, padding } = problem;
  const { reads: [x, w, shift, residual], constants } = bindEpilogue(
    inputs,
    epilogue,
  );
  const rowGroups = Math.ceil(Q / PIXELS);
  const groups = N * P * rowGroups;
  const sizes = { H, W, K4: K / 4, P, Q, R, padding };
  return [{
    label: `conv2d ${convLabel(problem)}`,
    kernel: kernel("conv_few_channels_forward", {
      constants: { ...constants, PIXELS, CHANNELS: C, S, STRIDE: stride },
    }),
    reads: [x, w, shift, residual],
    writes: outputs,
    arguments: { ...sizes, row_groups: rowGroups, groups },
    workgroups: linearGrid(groups * K / 4, 64),
    flops: convFlops(problem),
  }];
}

/** Dispatches for dx from dy, w with channels swapped, and what its epilogue adds. */
function inputGradient(
  { inputs, outputs }: Lowering,
  { problem, epilogue }: Convolution,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, padding } = problem;
  const { reads: [dy, w, , residual, mask], constants } = bindEpilogue(
    inputs,
    epilogue,
  );
  const rowGroups = Math.ceil(W / PIXELS);
  const groups = N * H * rowGroups;
  const sizes = { H, W, K4: K / 4, P, Q, R };
  const EXACT = Q === W && W % PIXELS === 0;
  return [{
    label: `conv2d input gradient ${convLabel(problem)}`,
    kernel: kernel("conv_few_channels_input_gradient", {
      constants: {
        ...constants,
        PIXELS,
        CHANNELS: C,
        S,
        PADDING: padding,
        EXACT,
      },
    }),
    reads: [dy, w, residual, mask],
    writes: outputs,
    arguments: { ...sizes, row_groups: rowGroups, groups },
    workgroups: linearGrid(groups, GROUPS),
    flops: convFlops(problem),
  }];
}
