// The weight gradient by Winograd's method: the forward computation transposed. Inputs
// and cotangents are transformed, multiplied over the tiles, and the products of all
// pieces added before they are transformed back to filters.

import { BINDING_BYTES } from "../../../gpu/limits.ts";
import { type Dispatch, linearGrid } from "../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../graph/graph.ts";
import { f32 } from "../../../graph/tensor.ts";
import { paddedChannels } from "../padded_channels.ts";
import { convFlops, convLabel, type ConvProblem } from "../problem.ts";
import { sumOfParts } from "../sum_of_parts.ts";
import { type Matrices, transposedProducts } from "./gemm_kernels.ts";
import {
  flopsOf,
  piecesOf,
  productSizes,
  type TilePiece,
  type TileSide,
  tilingOf,
  transformTiles,
  winogradKernel,
  type WinogradOptions,
} from "./winograd_tiles.ts";

/** Dispatches for dw from x and dy. */
export function winogradWeightGradient(
  io: Lowering,
  problem: ConvProblem,
  { tile, mebibytes, gemmTile }: WinogradOptions,
): Dispatch<Storage>[] {
  const { inputs: [x, dy], outputs: [dw], scratch } = io;
  const { N, H, W, C, K, P, Q, padding } = problem;
  const flops = convFlops(problem);
  const tiling = tilingOf({ N, P, Q }, tile);
  const pieces = piecesOf(tiling, { channels: Math.max(C, K), mebibytes });
  const size = productSizes({ C, K }, { tile, gemmTile });
  const weights = size.matrices * size.C * size.K;
  const { calls, parts } = productsOf(pieces, size);
  const v = scratch(f32([size.matrices, pieces[0]!.tiles, size.C]));
  const g = scratch(f32([size.matrices, pieces[0]!.tiles, size.K]));
  const partial = scratch(f32([parts, weights]));
  const total = parts > 1 ? scratch(f32([weights])) : partial;
  const input = { reads: [x!], write: v, tiling, H, W, C, padding };
  const cotangent = { reads: [dy!], write: g, tiling, H: P, W: Q, C: K };
  return [
    ...calls.flatMap(({ piece, call }) => [
      transformTiles(io, "input", { ...input, piece }),
      transformTiles(io, "cotangent", { ...cotangent, piece }),
      {
        label: `conv2d weight gradient ${convLabel(problem)} F${tile}`,
        ...call,
        reads: [v, g],
        writes: [partial],
        flops: flopsOf(piece, { flops, of: tiling }),
        arithmetic: 2 * size.matrices * piece.tiles * size.C * size.K,
      },
    ]),
    ...(parts > 1 ? [sumOfParts(partial, total, { parts, weights })] : []),
    transformBack(total, dw!, { C, K, tile }),
  ];
}

/** Weights (3, 3, C, K) from sums in the transformed domain. */
function transformBack(
  sums: Storage,
  dw: Storage,
  { C, K, tile }: Pick<ConvProblem, "C" | "K"> & { readonly tile: TileSide },
): Dispatch<Storage> {
  const padded = { padded_C: paddedChannels(C), padded_K: paddedChannels(K) };
  return {
    label: `winograd weight gradient F${tile}`,
    kernel: winogradKernel("winograd_weight_gradient", { tile, stored: dw }),
    reads: [sums],
    writes: [dw],
    arguments: { C, K, ...padded },
    workgroups: linearGrid(C * K, 64),
  };
}

/** The products of every piece, each behind those before, and the number of parts. */
function productsOf(
  pieces: readonly TilePiece[],
  size: Omit<Matrices, "rows">,
) {
  const bytes = 4 * size.matrices * size.C * size.K;
  const most = Math.floor(BINDING_BYTES / bytes / pieces.length);
  let parts = 0;
  const calls = pieces.map((piece) => {
    const sizes = { ...size, rows: piece.tiles };
    const first = parts;
    const { parts: own, ...call } = transposedProducts(sizes, { first, most });
    parts += own;
    return { piece, call };
  });
  return { calls, parts };
}
