// Convolution kernels for GPUs and images of one to three channels, as a network's
// first layer sees them: nothing is brought to fours, neither images nor weights, and
// an input gradient computes no more filters than there are channels.

import type { Dispatch } from "../../../gpu/program.ts";
import { linearGrid } from "../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../graph/graph.ts";
import {
  convFlops,
  convLabel,
  type ConvPass,
  type ConvProblem,
  type Epilogue,
  epilogueOf,
} from "../problem.ts";
import { kernel } from "../../kernel.ts";

/** Neighboring pixels of a row that a thread owns. */
const PIXELS = 8;

/** Groups of pixels of a workgroup of the input gradient. */
const GROUPS = 8;

/** Most taps of a row, and longest stride: loops over them are written out. */
const MAX_TAPS = 5;
const MAX_STRIDE = 2;

/** Whether these kernels compute a pass. */
export function isNarrow(
  pass: ConvPass,
  { C, K, S, stride }: ConvProblem,
): boolean {
  if (C > 3 || K % 4 > 0 || S > MAX_TAPS || stride > MAX_STRIDE) return false;
  return pass === "forward" || (pass === "input gradient" && stride === 1);
}

/** Dispatches for y from x and w, and what its epilogue adds. */
export function narrowForward(
  { inputs, outputs }: Lowering,
  sizes: ConvProblem,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride, padding } = sizes;
  const { reads, constants } = epilogueOf(inputs, epilogue);
  const rowGroups = Math.ceil(Q / PIXELS);
  const groups = N * P * rowGroups;
  return [{
    label: `conv2d ${convLabel(sizes)}`,
    kernel: kernel("conv2d_narrow_forward", {
      constants: { ...constants, PIXELS, CHANNELS: C, S, STRIDE: stride },
    }),
    reads: reads.slice(0, 4),
    writes: outputs,
    arguments: {
      ...{ H, W, K4: K / 4, P, Q, R, padding, row_groups: rowGroups, groups },
    },
    workgroups: linearGrid(groups * K / 4, 64),
    flops: convFlops(sizes),
  }];
}

/** Dispatches for dx from dy, w with channels swapped, and what its epilogue adds. */
export function narrowInputGradient(
  { inputs, outputs }: Lowering,
  sizes: ConvProblem,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, padding } = sizes;
  const { reads: [dy, w, , residual, mask], constants } = epilogueOf(
    inputs,
    epilogue,
  );
  const { RESIDUAL, MASK } = constants;
  const rowGroups = Math.ceil(W / PIXELS);
  const groups = N * H * rowGroups;
  return [{
    label: `conv2d input gradient ${convLabel(sizes)}`,
    kernel: kernel("conv2d_narrow_input_gradient", {
      constants: { RESIDUAL, MASK, PIXELS, CHANNELS: C, S },
    }),
    reads: [dy, w, residual, mask],
    writes: outputs,
    arguments: {
      ...{ H, W, K4: K / 4, P, Q, R, padding, row_groups: rowGroups, groups },
    },
    workgroups: linearGrid(groups, GROUPS),
    flops: convFlops(sizes),
  }];
}
