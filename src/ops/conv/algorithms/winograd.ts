// Convolutions of 3x3 filters with stride 1 by Winograd's method (Lavin and Gray, "Fast
// algorithms for convolutional neural networks", 2016): inputs and filters are
// transformed, multiplied as (tile + 2)^2 matrices (tiles, C) x (C, K), and the products
// transformed back to tiles of outputs. Tiles of 2 x 2 outputs take 2.25 times fewer
// multiplications than the definition, tiles of 4 x 4 four times fewer.
//
// An input gradient is the same with rotated filters; a weight gradient is the
// transposed computation, transform by transform. Transformed filters are an operation
// of their own, so that they leave an attack's loop. Tiles are computed in pieces, so
// that what is transformed at once stays small, and may be cached when it is read.

import { BINDING_BYTES } from "../../../gpu/limits.ts";
import type { Lowering, Op } from "../../../graph/graph.ts";
import { f32, like } from "../../../graph/tensor.ts";
import {
  type ConvAlgorithm,
  type ConvRequest,
  gpuCost,
  softwareCost,
} from "../algorithm.ts";
import { bindEpilogue } from "../epilogue.ts";
import { paddedChannels } from "../padded_channels.ts";
import { convFlops, convLabel, type ConvProblem } from "../problem.ts";
import { matrixProducts } from "./gemm_kernels.ts";
import { tileName, TILES } from "./gemm_tile.ts";
import { simdProducts, supportsSimdProducts } from "./simd/products.ts";
import {
  flopsOf,
  matricesOf,
  piecesOf,
  problemOf,
  productSizes,
  type TileSide,
  tilingOf,
  transformTiles,
  type WinogradOptions,
} from "./winograd_tiles.ts";
import {
  areTransformable,
  passesByFilters,
  type TransformedConvolution,
} from "./transformed_filters.ts";
import { winogradWeightGradient } from "./winograd_weight_gradient.ts";

/** MiB of scratch space: what large GPUs cache, and enough to keep any busy. */
const MEBIBYTES = 64;

/** MiB of scratch space that stay in a processor's caches. */
const CACHED_MEBIBYTES = 8;

/** Billions of the definition's operations per second on llvmpipe. */
const GFLOPS = 65;

/** Tiles of 2 x 2 outputs, on a GPU. */
export const winograd2: ConvAlgorithm = {
  ...winograd({ tile: 2, mebibytes: MEBIBYTES }),
  variants: variantsOf(2),
};

/** Tiles of 4 x 4 outputs, on a GPU. */
export const winograd4: ConvAlgorithm = {
  ...winograd({ tile: 4, mebibytes: MEBIBYTES }),
  variants: variantsOf(4),
};

/** Tiles of 2 x 2 outputs in pieces for a processor's caches, with SIMD products. */
export const winogradCached: ConvAlgorithm = {
  ...winograd({ tile: 2, mebibytes: CACHED_MEBIBYTES }),
  cost: ({ pass, problem, target }) =>
    pass !== "weight gradient" && supportsSimdProducts(target, problem)
      ? softwareCost(problem, GFLOPS)
      : Infinity,
};

/** Other scratch space, and the tiles for many filters. */
function variantsOf(tile: TileSide): ConvAlgorithm[] {
  const large = TILES.filter(({ TILE_N }) => TILE_N >= 64);
  return [
    winograd({ tile, mebibytes: 16 }),
    winograd({ tile, mebibytes: 128 }),
    ...large.map((gemmTile) =>
      winograd({ tile, mebibytes: MEBIBYTES, gemmTile })
    ),
  ];
}

/** Winograd's method with the given tiles and scratch space. */
export function winograd(options: WinogradOptions): ConvAlgorithm {
  const { tile, mebibytes, gemmTile } = options;
  return {
    name: ["winograd", tile, mebibytes, ...gemmTile ? [tileName(gemmTile)] : []]
      .join(" "),
    half: true,
    supports: (request) => fits(request, options),
    cost: ({ problem, target }) =>
      target.adapterClass === "gpu" ? costOn(problem, options) : Infinity,
    expand: passesByFilters(() => winogradConv2dOp, { tile, options }),
    lower: {
      "weight gradient": (io, { problem }) =>
        winogradWeightGradient(io, problem, options),
    },
  };
}

/** Whether filters are 3x3, and what is transformed of them can be bound. */
function fits(
  { pass, problem }: ConvRequest,
  { tile, mebibytes }: WinogradOptions,
): boolean {
  const { C, K } = problem;
  const filters = 4 * matricesOf(tile) * paddedChannels(C) * paddedChannels(K);
  const channels = Math.max(C, K);
  // A weight gradient keeps as large a sum for each piece.
  const sums = pass === "weight gradient"
    ? piecesOf(tilingOf(problem, tile), { channels, mebibytes }).length
    : 1;
  return areTransformable(problem) &&
    sums * filters <= BINDING_BYTES;
}

/** All passes have as many products, and write and read what is transformed once. */
function costOn(
  problem: ConvProblem,
  { tile, mebibytes }: WinogradOptions,
): number {
  const { N, H, W, C, K, P, Q } = problem;
  const tiling = tilingOf(problem, tile);
  const transformed = tiling.tiles * matricesOf(tile);
  const channels = Math.max(C, K);
  const pieces = piecesOf(tiling, { channels, mebibytes });
  return gpuCost({
    multiplyAdds: transformed * C * K,
    values: N * H * W * C + N * P * Q * K + 2 * transformed * (C + K) +
      2 * matricesOf(tile) * C * K,
    dispatches: 1 + 3 * pieces.length,
  });
}

/** A convolution with transformed filters. */
export interface WinogradParams
  extends WinogradOptions, TransformedConvolution {}

/** Inputs x, transformed filters and what the epilogue adds; output y of that shape. */
export const winogradConv2dOp: Op<WinogradParams> = {
  name: "winograd_conv2d",
  half: true,
  infer: ([x], { shape }) => [like(x!, shape)],

  lower(io, params) {
    const { inputs: [x, u, ...added], outputs: [y] } = io;
    const { tile, mebibytes, gemmTile, padding, transposed } = params;
    const [N, H, W, C] = x!.shape as [number, number, number, number];
    const [, P, Q, K] = y!.shape as [number, number, number, number];
    const problem = problemOf({ N, H, W, C, K, P, Q, padding }, transposed);
    const flops = convFlops(problem);
    const tiling = tilingOf({ N, P, Q }, tile);
    const pieces = piecesOf(tiling, { channels: Math.max(C, K), mebibytes });
    const size = productSizes({ C, K }, { tile, gemmTile });
    const most = pieces[0]!.tiles;
    const v = io.scratch(f32([size.matrices, most, size.C]));
    const m = io.scratch(f32([size.matrices, most, size.K]));
    const { reads, constants } = bindEpilogue([m, m, ...added], params);
    const multiply = productsOn(io, size);
    const input = { reads: [x!], write: v, tiling, H, W, C, padding };
    const output = { write: y!, tiling, H: P, W: Q, C: K, constants };
    const name = transposed ? "conv2d input gradient" : "conv2d";
    return pieces.flatMap((piece) => [
      transformTiles(io, "input", { ...input, piece }),
      {
        label: `${name} ${convLabel(problem)} F${tile}`,
        ...multiply([v, u!, m], { ...size, rows: piece.tiles }),
        flops: flopsOf(piece, { flops, of: tiling }),
        arithmetic: 2 * size.matrices * piece.tiles * size.C * size.K,
      },
      transformTiles(io, "output", {
        ...output,
        reads: [m, ...reads.slice(2)],
        piece,
      }),
    ]);
  },
};

/** The products of matrices of a size on a target. */
function productsOn(
  io: Lowering,
  size: Parameters<typeof supportsSimdProducts>[1],
): typeof matrixProducts {
  return supportsSimdProducts(io, size)
    ? (...given) => simdProducts(io, ...given)
    : matrixProducts;
}
