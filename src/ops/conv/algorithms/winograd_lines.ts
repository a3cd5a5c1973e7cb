// Winograd's method in tiles of 4 x 4 outputs, with the transforms along one of the two
// dimensions in the kernel of the products, for GPUs. A line is what four rows of an image
// become by the transform down their columns: 6 / 4 of their values, and not 36 / 16, are
// stored, and as many products, so that an image is moved 8 times and not 11. What the
// kernel transforms on the way to its products takes it longer.

import { MAX_WORKGROUPS } from "../../../gpu/limits.ts";
import type { Lowering, Op } from "../../../graph/graph.ts";
import { f32, like } from "../../../graph/tensor.ts";
import { type ConvAlgorithm, type ConvRequest, gpuCost } from "../algorithm.ts";
import { bindEpilogue } from "../epilogue.ts";
import type { ConvProblem } from "../problem.ts";
import {
  type LineConvolution,
  lineInput,
  lineOutput,
  type LinePiece,
  lineProducts,
  ROWS,
  SIDE,
  TILES,
  vectorsFor,
} from "./winograd_line_kernels.ts";
import {
  areTransformable,
  passesByFilters,
  type TransformedConvolution,
} from "./transformed_filters.ts";
import { matricesOf, problemOf, tilingOf } from "./winograd_tiles.ts";

/** MiB of lines, or of their products, that exist at once. */
const MEBIBYTES = 64;

/** Instructions that multiply, as a part of those in the tiled products. */
const SHARE = 0.89;

/** Tiles of 4 x 4 outputs, transformed along lines on the way to products. */
export const winogradLines: ConvAlgorithm = {
  name: "winograd lines",
  half: true,
  supports: fits,
  cost: ({ problem, target }) =>
    target.adapterClass === "gpu" ? costOn(problem) : Infinity,
  expand: passesByFilters(() => winogradLinesConv2dOp, {
    tile: ROWS,
    options: {},
  }),
};

function fits({ problem }: ConvRequest): boolean {
  const { C, K, W } = problem;
  // Of the least piece, which is one line.
  const tiles = Math.ceil((W + 2) / ROWS);
  const bytes = 4 * SIDE * (W + 2) * Math.max(C, K);
  return areTransformable(problem) &&
    C % 4 === 0 && K % 4 === 0 && tiles <= TILES * MAX_WORKGROUPS &&
    bytes <= MEBIBYTES * 2 ** 20;
}

/** Lines are written and read once, and so are their products. */
function costOn(problem: ConvProblem): number {
  const { N, H, W, C, K, P, Q } = problem;
  const { high, tiles } = tilingOf(problem, ROWS);
  const filters = 16 * vectorsFor(K);
  const lines = N * high;
  return gpuCost({
    multiplyAdds: matricesOf(ROWS) * tiles * C *
      Math.ceil(K / filters) * filters / SHARE,
    values: N * H * W * C + N * P * Q * K + 2 * SIDE * lines * (W * C + Q * K) +
      2 * matricesOf(ROWS) * C * K,
    dispatches: 1 + 3 * piecesOf(lines, { W, C, Q, K }).length,
  });
}

/** Pieces of about equal size, of which lines and products take at most MEBIBYTES. */
function piecesOf(
  lines: number,
  { W, C, Q, K }: Pick<ConvProblem, "W" | "C" | "Q" | "K">,
): LinePiece[] {
  const bytes = 4 * SIDE * Math.max(W * C, Q * K);
  const most = Math.max(1, Math.floor(MEBIBYTES * 2 ** 20 / bytes));
  const size = Math.ceil(lines / Math.ceil(lines / most));
  const pieces: LinePiece[] = [];
  for (let first = 0; first < lines; first += size) {
    pieces.push({ first, lines: Math.min(size, lines - first) });
  }
  return pieces;
}

/** Inputs x, transformed filters and what the epilogue adds; output y of that shape. */
export const winogradLinesConv2dOp: Op<TransformedConvolution> = {
  name: "winograd_lines_conv2d",
  half: true,
  infer: ([x], { shape }) => [like(x!, shape)],

  lower(io, params) {
    const convolution = convolutionOf(io, params);
    const { sizes: { W, C, Q, K }, tiling } = convolution;
    const pieces = piecesOf(tiling.tiles / tiling.wide, { W, C, Q, K });
    const most = pieces[0]!.lines;
    const v = io.scratch(f32([SIDE, most, W, C]));
    const m = io.scratch(f32([SIDE, most, Q, K]));
    const [x, u, ...added] = io.inputs;
    const { reads, constants } = bindEpilogue([m, m, ...added], params);
    const written = [m, ...reads.slice(2)];
    return pieces.flatMap((piece) => [
      lineInput([x!, v], { ...convolution, piece }),
      lineProducts([v, u!, m], { ...convolution, piece }),
      lineOutput([...written, io.outputs[0]!], {
        ...convolution,
        piece,
        constants,
      }),
    ]);
  },
};

function convolutionOf(
  { inputs, outputs }: Lowering,
  { padding, transposed }: TransformedConvolution,
): LineConvolution {
  const [N, H, W, C] = inputs[0]!.shape as [number, number, number, number];
  const [, P, Q, K] = outputs[0]!.shape as [number, number, number, number];
  const sizes = { N, H, W, C, P, Q, K, padding };
  return {
    sizes,
    tiling: tilingOf({ N, P, Q }, ROWS),
    problem: problemOf(sizes, transposed),
    name: transposed ? "conv2d input gradient" : "conv2d",
  };
}
