// Convolution kernels for any shape and device: one invocation per result.

import { type Dispatch, linearGrid } from "../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../graph/graph.ts";
import { f32 } from "../../../graph/tensor.ts";
import { kernel } from "../../kernel.ts";
import {
  type ConvAlgorithm,
  type Convolution,
  type LowerPass,
  softwareCost,
} from "../algorithm.ts";
import { bindEpilogue } from "../epilogue.ts";
import {
  convFlops,
  convLabel,
  type ConvPass,
  multiplyAddsOf,
} from "../problem.ts";
import { sumOfParts } from "../sum_of_parts.ts";

/** Multiply-adds below which padding channels costs more than it gains. */
const SMALL = 1 << 20;

/** Billions of operations per second on llvmpipe. */
const GFLOPS = 5;

/** Most output pixels that one invocation of a weight gradient adds. */
const CHUNK = 1024;

/** An algorithm that lowers every pass itself. */
interface LoweredAlgorithm extends ConvAlgorithm {
  readonly lower: Readonly<Record<ConvPass, LowerPass>>;
}

/** One invocation per result, for any problem on any device. */
export const direct: LoweredAlgorithm = {
  name: "direct",
  half: true,
  supports: () => true,

  cost({ problem, target }) {
    const { C, K } = problem;
    const padded = C % 4 !== 0 || K % 4 !== 0;
    if (padded && multiplyAddsOf(problem) <= SMALL) return 0;
    return target.adapterClass === "software"
      ? softwareCost(problem, GFLOPS)
      : Infinity;
  },

  lower: {
    "forward": forward,
    "input gradient": inputGradient,
    "weight gradient": weightGradient,
  },
};

/** Dispatches for y from x and w, and what its epilogue adds. */
function forward(
  { inputs, outputs }: Lowering,
  { problem, epilogue }: Convolution,
): Dispatch<Storage>[] {
  const { N, P, Q, K } = problem;
  const { reads: [x, w, shift, residual], constants } = bindEpilogue(
    inputs,
    epilogue,
  );
  return [{
    label: `conv2d ${convLabel(problem)}`,
    kernel: kernel("conv_direct_forward", {
      constants: { ...constants, Stored: x.dtype },
    }),
    reads: [x, w, shift, residual],
    writes: outputs,
    arguments: { ...problem, chunk: 0 },
    workgroups: linearGrid(N * P * Q * K, 64),
    flops: convFlops(problem),
  }];
}

/** Dispatches for dx from dy, w with channels swapped, and what follows. */
function inputGradient(
  { inputs, outputs }: Lowering,
  { problem, epilogue }: Convolution,
): Dispatch<Storage>[] {
  const { N, H, W, C } = problem;
  const { reads: [dy, w, , residual, mask], constants } = bindEpilogue(
    inputs,
    epilogue,
  );
  return [{
    label: `conv2d input gradient ${convLabel(problem)}`,
    kernel: kernel("conv_direct_input_gradient", {
      constants: { ...constants, Stored: dy.dtype },
    }),
    reads: [dy, w, residual, mask],
    writes: outputs,
    arguments: { ...problem, chunk: 0 },
    workgroups: linearGrid(N * H * W * C, 64),
    flops: convFlops(problem),
  }];
}

/** Dispatches for dw from x and dy. */
function weightGradient(
  { inputs, outputs: [dw], scratch }: Lowering,
  { problem }: Convolution,
): Dispatch<Storage>[] {
  const { N, P, Q, R, S, C, K } = problem;
  const weights = R * S * C * K;
  const chunks = Math.ceil(N * P * Q / CHUNK);
  const partial = scratch(f32([chunks, weights]));
  return [
    {
      label: `conv2d weight gradient ${convLabel(problem)}`,
      kernel: kernel("conv_direct_weight_gradient", {
        constants: { Stored: inputs[0]!.dtype },
      }),
      reads: inputs,
      writes: [partial],
      arguments: { ...problem, chunk: CHUNK },
      workgroups: linearGrid(chunks * weights, 64),
      flops: convFlops(problem),
    },
    sumOfParts(partial, dw!, { parts: chunks, weights }),
  ];
}
