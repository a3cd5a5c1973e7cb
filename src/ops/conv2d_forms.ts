// Which kernel computes a convolution, by device and shape: tiles in workgroup
// memory on GPUs, subgroups of SIMD lanes on software adapters that have them, and
// one invocation per result for what is too small for either, or has neither.

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
import {
  tilesForward,
  tilesInputGradient,
  tilesWeightGradient,
} from "./conv2d_tiles.ts";

/** The kernels of the three passes for one kind of device. */
interface Form {
  readonly forward: typeof directForward;
  readonly inputGradient: typeof directInputGradient;
  readonly weightGradient: typeof directWeightGradient;
}

const DIRECT: Form = {
  forward: directForward,
  inputGradient: directInputGradient,
  weightGradient: directWeightGradient,
};

const LANES: Form = {
  forward: lanesForward,
  inputGradient: lanesInputGradient,
  weightGradient: lanesWeightGradient,
};

const TILES: Form = {
  forward: tilesForward,
  inputGradient: tilesInputGradient,
  weightGradient: tilesWeightGradient,
};

/** Multiply-adds below which bringing channels to fours costs more than it gains. */
const SMALL = 1 << 20;

function formFor(
  { adapterClass, subgroupSize }: Lowering,
  { N, P, Q, K, R, S, C }: ConvSizes,
): Form {
  const whole = C % 4 === 0 && K % 4 === 0;
  if (!whole && N * P * Q * K * R * S * C <= SMALL) return DIRECT;
  if (adapterClass === "gpu") return TILES;
  return subgroupSize === 8 ? LANES : DIRECT;
}

/** Dispatches for y from x and w, and what its epilogue adds. */
export function forward(
  io: Lowering,
  sizes: ConvSizes,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  return formFor(io, sizes).forward(io, sizes, epilogue);
}

/** Dispatches for dx from dy and w with channels swapped. */
export function inputGradient(
  io: Lowering,
  sizes: ConvSizes,
): Dispatch<Storage>[] {
  return formFor(io, sizes).inputGradient(io, sizes);
}

/** Dispatches for dw from x and dy: partial sums over pixels, then their sum. */
export function weightGradient(
  io: Lowering,
  sizes: ConvSizes,
): Dispatch<Storage>[] {
  return formFor(io, sizes).weightGradient(io, sizes);
}
