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

import { type Dispatch, linearGrid } from "../../../gpu/program.ts";
import type { Expansion, Lowering, Op, Storage } from "../../../graph/graph.ts";
import { f32, like, type Shape, type Tensor } from "../../../graph/tensor.ts";
import { sumOfParts } from "./direct.ts";
import {
  convFlops,
  convLabel,
  type ConvProblem,
  type Epilogue,
  epilogueOf,
} from "../problem.ts";
import { isLanesProducts, lanesProducts } from "./simd/products.ts";
import type { Tile } from "./gemm_tile.ts";
import { products, transposedProducts } from "./implicit_gemm.ts";
import {
  flopsOf,
  matricesOf,
  padded,
  piecesOf,
  type TileSide,
  tilingOf,
  transformTiles,
  winogradKernel,
} from "./winograd_tiles.ts";

/** How tiles are computed. */
export interface Winograd {
  readonly tile: TileSide;
  /** MiB of transformed inputs, or of products, that exist at once. */
  readonly mebibytes: number;
  /** How products are cut on GPUs; by arithmetic on their shape where absent. */
  readonly cut?: Tile | undefined;
}

/** How filters are transformed. */
export interface WinogradFiltersParams {
  readonly tile: TileSide;
  /** Whether taps are taken in reverse order, for an input gradient. */
  readonly rotated: boolean;
}

/** Bytes that every WebGPU device can bind at once. */
const BINDING_BYTES = 128 * 2 ** 20;

/** Whether the method can compute a convolution, or its weight gradient. */
export function isWinograd(
  { R, S, C, K, stride, padding, ...sizes }: ConvProblem,
  { tile, mebibytes }: Winograd,
  { weightGradient = false }: { readonly weightGradient?: boolean } = {},
): boolean {
  const filters = 4 * matricesOf(tile) * padded(C) * padded(K);
  const channels = Math.max(C, K);
  // A weight gradient keeps as large a sum for each piece.
  const sums = weightGradient
    ? piecesOf(tilingOf(sizes, tile), { channels, mebibytes }).length
    : 1;
  return R === 3 && S === 3 && stride === 1 && padding <= 2 &&
    sums * filters <= BINDING_BYTES;
}

/** Weights (3, 3, C, K) as ((tile + 2)^2, C, K), channels in fours. */
export const winogradFiltersOp: Op<WinogradFiltersParams> = {
  name: "winograd_filters",
  half: true,

  infer([w], { tile }) {
    const [, , C, K] = w!.shape as [number, number, number, number];
    return [f32([matricesOf(tile), padded(C), padded(K)])];
  },

  lower({ inputs: [w], outputs: [u] }, { tile, rotated }) {
    const [, , C, K] = w!.shape as [number, number, number, number];
    return [{
      label: `winograd filters F${tile}`,
      kernel: winogradKernel("winograd_filters", {
        ...{ tile, stored: w! },
      }),
      reads: [w!],
      writes: [u!],
      arguments: {
        ...{ C, K, padded_C: padded(C), padded_K: padded(K) },
        rotated: Number(rotated),
      },
      workgroups: linearGrid(padded(C) * padded(K), 64),
    }];
  },
};

/** A convolution with transformed filters. */
export interface WinogradParams extends Winograd, Epilogue {
  /** Rows and columns of zeros around the input. */
  readonly padding: number;
  readonly shape: Shape;
  /** Whether it is an input gradient: how it is called in a profile. */
  readonly transposed: boolean;
}

/** Inputs x, transformed filters and what the epilogue adds; output y of that shape. */
export const winogradConv2dOp: Op<WinogradParams> = {
  name: "winograd_conv2d",
  half: true,
  infer: ([x], { shape }) => [like(x!, shape)],

  lower(io, { tile, mebibytes, cut, padding, transposed, ...epilogue }) {
    const [x, u] = io.inputs;
    const [y] = io.outputs;
    const [N, H, W, C] = x!.shape as [number, number, number, number];
    const [, P, Q, K] = y!.shape as [number, number, number, number];
    const sizes = transposed
      ? { H: P, W: Q, C: K, K: C, P: H, Q: W }
      : { H, W, C, K, P, Q };
    const whole = { N, R: 3, S: 3, stride: 1, padding, ...sizes };
    const flops = convFlops(whole);
    const tiling = tilingOf({ N, P, Q }, tile);
    const matrices = matricesOf(tile);
    const channels = Math.max(C, K);
    const pieces = piecesOf(tiling, { channels, mebibytes });
    const most = pieces[0]!.tiles;
    const v = io.scratch(f32([matrices, most, padded(C)]));
    const m = io.scratch(f32([matrices, most, padded(K)]));
    const { reads: [, , shift, residual, mask], constants } = epilogueOf(
      io.inputs,
      epilogue,
    );
    const multiply = isLanesProducts(io, { C: padded(C), K: padded(K) })
      ? (...given: Parameters<typeof products>) => lanesProducts(io, ...given)
      : products;
    const name = transposed ? "conv2d input gradient" : "conv2d";
    return pieces.flatMap((piece) => [
      transformTiles(io, "input", {
        ...{ reads: [x!], write: v, tiling, piece, H, W, C, padding },
      }),
      {
        label: `${name} ${convLabel(whole)} F${tile}`,
        ...multiply([v, u!, m], {
          ...{ matrices, rows: piece.tiles, C: padded(C), K: padded(K), cut },
        }),
        flops: flopsOf(piece, { flops, of: tiling }),
      },
      transformTiles(io, "output", {
        reads: [
          m,
          epilogue.shift ? shift : m,
          epilogue.residual ? residual : m,
          epilogue.mask ? mask : m,
        ],
        ...{ write: y!, tiling, piece, H: P, W: Q, C: K, constants },
      }),
    ]);
  },
};

/** The operations in place of a forward pass of x, w and what its epilogue adds. */
export function winogradForward(
  { inputs: [x, w, ...added], outputs: [y], apply }: Expansion,
  { padding }: ConvProblem,
  { tile, mebibytes, cut, ...epilogue }: Winograd & Epilogue,
): readonly Tensor[] {
  const [u] = apply(winogradFiltersOp, [w!], { tile, rotated: false });
  return apply(winogradConv2dOp, [x!, u!, ...added], {
    ...{ tile, mebibytes, cut, padding, shape: y!.shape, transposed: false },
    ...epilogue,
  });
}

/** The operations in place of an input gradient of dy, swapped w, and what follows. */
export function winogradInputGradient(
  { inputs: [dy, w, ...added], outputs: [dx], apply }: Expansion,
  { padding }: ConvProblem,
  { tile, mebibytes, cut, residual = false, mask = false }: Winograd & Epilogue,
): readonly Tensor[] {
  const [u] = apply(winogradFiltersOp, [w!], { tile, rotated: true });
  return apply(winogradConv2dOp, [dy!, u!, ...added], {
    ...{ tile, mebibytes, cut, padding: 2 - padding, shape: dx!.shape },
    ...{ transposed: true, residual, mask },
  });
}

/** Dispatches for dw from x and dy. */
export function winogradWeightGradient(
  io: Lowering,
  sizes: ConvProblem,
  { tile, mebibytes, cut }: Winograd,
): Dispatch<Storage>[] {
  const { inputs: [x, dy], outputs: [dw], scratch } = io;
  const { N, H, W, C, K, P, Q, padding } = sizes;
  const flops = convFlops(sizes);
  const tiling = tilingOf({ N, P, Q }, tile);
  const matrices = matricesOf(tile);
  const channels = Math.max(C, K);
  const pieces = piecesOf(tiling, { channels, mebibytes });
  const size = { matrices, C: padded(C), K: padded(K), cut };
  const weights = matrices * size.C * size.K;
  const most = Math.floor(BINDING_BYTES / (4 * weights) / pieces.length);
  let parts = 0;
  const summed = pieces.map((piece) => {
    const { parts: own, ...dispatch } = transposedProducts({
      ...size,
      rows: piece.tiles,
    }, { first: parts, most });
    parts += own;
    return { piece, dispatch };
  });
  const v = scratch(f32([matrices, pieces[0]!.tiles, size.C]));
  const g = scratch(f32([matrices, pieces[0]!.tiles, size.K]));
  const partial = scratch(f32([parts, weights]));
  const total = parts > 1 ? scratch(f32([weights])) : partial;
  return [
    ...summed.flatMap(({ piece, dispatch }) => [
      transformTiles(io, "input", {
        ...{ reads: [x!], write: v, tiling, piece, H, W, C, padding },
      }),
      transformTiles(io, "cotangent", {
        ...{ reads: [dy!], write: g, tiling, piece, H: P, W: Q, C: K },
      }),
      {
        label: `conv2d weight gradient ${convLabel(sizes)} F${tile}`,
        ...dispatch,
        reads: [v, g],
        writes: [partial],
        flops: flopsOf(piece, { flops, of: tiling }),
      },
    ]),
    ...(parts > 1 ? [sumOfParts(partial, total, { parts, weights })] : []),
    {
      label: `winograd weight gradient F${tile}`,
      kernel: winogradKernel("winograd_weight_gradient", {
        ...{ tile, stored: dw! },
      }),
      reads: [total],
      writes: [dw!],
      arguments: { C, K, padded_C: size.C, padded_K: size.K },
      workgroups: linearGrid(C * K, 64),
    },
  ];
}
