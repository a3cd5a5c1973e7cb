// The first convolution of a network on software adapters whose subgroups are SIMD
// registers of eight lanes: images of three channels, too few to fill lanes with.

import type { Dispatch } from "../../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../../graph/graph.ts";
import { kernel } from "../../../kernel.ts";
import { vectorAccess } from "../../../vectors.ts";
import type { ConvAlgorithm, Convolution } from "../../algorithm.ts";
import { bindEpilogue } from "../../epilogue.ts";
import { convFlops, convLabel } from "../../problem.ts";
import { hasSimdLanes, simdCost, WORKGROUPS } from "./target.ts";

/** Billions of operations per second on llvmpipe: forward, where it is slower. */
const GFLOPS = 34;

/** Filters of a workgroup, and all that an input gradient takes. */
const FILTERS = 16;

/** Most filters, so that the weights fit into a uniform buffer on every device. */
const MOST_FILTERS = 128;

/** Rows of an input gradient's strip. */
const ROWS = 4;

/** 3x3 filters with stride 1 on images of three channels. */
export const simdRgb: ConvAlgorithm = {
  name: "simdRgb",

  supports({ pass, problem, target }) {
    const { W, C, K, R, S, stride, padding } = problem;
    const fits = R === 3 && S === 3 && stride === 1 && padding === 1 && C === 3;
    if (!fits || !hasSimdLanes(target)) return false;
    return pass === "forward"
      ? W % 4 === 0 && K % FILTERS === 0 && K <= MOST_FILTERS
      : K === FILTERS;
  },

  cost: ({ problem, target }) => simdCost(problem, { target, gflops: GFLOPS }),
  lower: { "forward": forward, "input gradient": inputGradient },
};

/** Dispatches for y from x and w, and what its epilogue adds. */
function forward(
  io: Lowering,
  { problem, epilogue }: Convolution,
): Dispatch<Storage>[] {
  const { N, H, W, K, P, Q } = problem;
  const { reads: [x, w, shift, residual], constants } = bindEpilogue(
    io.inputs,
    epilogue,
  );
  const rows = N * P;
  const rowsPerGroup = Math.ceil(rows / Math.ceil(WORKGROUPS * FILTERS / K));
  return [{
    label: `conv2d ${convLabel(problem)}`,
    kernel: kernel("conv_simd_rgb", {
      constants: { ...constants, FILTERS: K },
      ...vectorAccess(io),
    }),
    reads: [x, w, shift, residual],
    writes: io.outputs,
    arguments: { H, W, P, Q, rows, rows_per_group: rowsPerGroup },
    workgroups: [Math.ceil(rows / rowsPerGroup), K / FILTERS, 1],
    flops: convFlops(problem),
  }];
}

/** Dispatches for dx from dy, w with channels swapped, and what follows. */
function inputGradient(
  io: Lowering,
  { problem, epilogue }: Convolution,
): Dispatch<Storage>[] {
  const { N, H, W, P, Q } = problem;
  const { reads: [dy, w, , residual, mask], constants } = bindEpilogue(
    io.inputs,
    epilogue,
  );
  const stripsPerImage = Math.ceil(H / ROWS);
  const strips = N * stripsPerImage;
  const pairs = Math.ceil(strips / 2 / WORKGROUPS);
  return [{
    label: `conv2d input gradient ${convLabel(problem)}`,
    kernel: kernel("conv_simd_rgb_input_gradient", {
      constants,
      ...vectorAccess(io),
    }),
    reads: [dy, w, residual, mask],
    writes: io.outputs,
    arguments: {
      H,
      W,
      P,
      Q,
      strips_per_image: stripsPerImage,
      strips,
      pairs,
    },
    workgroups: [Math.ceil(strips / 2 / pairs), 1, 1],
    flops: convFlops(problem),
  }];
}
