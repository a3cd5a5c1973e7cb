// Which kernel computes a convolution, by pass, shape and device: the direct form
// for any shape, the form with subgroups of SIMD lanes on software adapters.

import type { Dispatch } from "../gpu/program.ts";
import type { Lowering, Storage } from "../graph/graph.ts";
import {
  directForward,
  directInputGradient,
  directWeightGradient,
} from "./conv2d_direct.ts";
import {
  lanesForward,
  lanesInputGradient,
  lanesWeightGradient,
} from "./conv2d_lanes.ts";
import type { ConvSizes, Epilogue } from "./conv2d_sizes.ts";

/** Multiply-adds below which bringing channels to fours costs more than it gains. */
const SMALL = 1 << 20;

function takesLanes({ subgroupSize }: Lowering, sizes: ConvSizes): boolean {
  const { N, P, Q, K, R, S, C } = sizes;
  const whole = C % 4 === 0 && K % 4 === 0;
  return subgroupSize === 8 && (whole || N * P * Q * K * R * S * C > SMALL);
}

/** Dispatches for y from x and w, and what its epilogue adds. */
export function forward(
  io: Lowering,
  sizes: ConvSizes,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  return takesLanes(io, sizes)
    ? lanesForward(io, sizes, epilogue)
    : directForward(io, sizes, epilogue);
}

/** Dispatches for dx from dy and w with channels swapped. */
export function inputGradient(
  io: Lowering,
  sizes: ConvSizes,
): Dispatch<Storage>[] {
  return takesLanes(io, sizes)
    ? lanesInputGradient(io, sizes)
    : directInputGradient(io, sizes);
}

/** Dispatches for dw from x and dy: partial sums over pixels, then their sum. */
export function weightGradient(
  io: Lowering,
  sizes: ConvSizes,
): Dispatch<Storage>[] {
  return takesLanes(io, sizes)
    ? lanesWeightGradient(io, sizes)
    : directWeightGradient(io, sizes);
}
