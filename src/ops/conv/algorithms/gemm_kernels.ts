// Tiled matrix products, whose tiles are shared through workgroup memory: the kernels of
// implicit GEMM, and of the products in Winograd's method.
//
// A convolution is a product of its pixels' windows with its filters, so one kernel
// computes both: many matrices (rows, C) x (C, K) are 1x1 convolutions that lie one
// behind the other.

import type { Dispatch, Kernel } from "../../../gpu/program.ts";
import { MAX_LOOP_TRIPS, MAX_WORKGROUPS } from "../../../gpu/limits.ts";
import type { Storage } from "../../../graph/graph.ts";
import { kernel } from "../../kernel.ts";
import type { Vectors } from "../../vectors.ts";
import { paddedChannels, vec4Count } from "../padded_channels.ts";
import type { ConvProblem } from "../problem.ts";
import { type Tile, tileFor } from "./gemm_tile.ts";

/** A dispatch without its reads and writes. */
export type KernelCall = Pick<
  Dispatch,
  "kernel" | "arguments" | "workgroups"
>;

/** A dispatch without its label. */
export type BoundCall =
  & Pick<Dispatch<Storage>, "reads" | "writes">
  & KernelCall;

/** The tile to use; `tileFor` chooses one where it is absent. */
export interface Tiled {
  readonly tile?: Tile | undefined;
}

/** The sizes of a forward pass, or of an input gradient seen as one of dy. */
export interface Product extends ConvProblem {
  /** Steps between output pixels that see the same taps. */
  readonly phases: number;
  readonly transposed: 0 | 1;
  /** 1x1 convolutions that lie one behind the other; 1 if absent. */
  readonly matrices?: number;
  readonly out_H: number;
  readonly out_W: number;
}

/** The kernel of a forward pass or an input gradient, its arguments and its grid. */
export function productCall(
  { N, C, K, P, Q, phases, matrices = 1, ...sizes }: Product,
  { tile: given, constants }: Tiled & {
    readonly constants: Kernel["constants"];
  },
): KernelCall {
  const pixels = N * P * Q;
  const tile = given ??
    tileFor({ rows: pixels, filters: K, products: matrices });
  const DEPTH = C > 4 ? tile.DEPTH : 4;
  const tiles = Math.ceil(pixels / tile.TILE_M);
  const folds = Math.ceil(tiles / MAX_WORKGROUPS);
  return {
    kernel: kernel("conv_implicit_gemm", {
      constants: {
        ...constants,
        ...tile,
        DEPTH,
        ...loopConstants(sizes, { phases, summed: [paddedChannels(C)], DEPTH }),
      },
    }),
    arguments: {
      ...sizes,
      P,
      Q,
      C4: vec4Count(C),
      K4: vec4Count(K),
      pixels,
      phases,
      matrices,
    },
    workgroups: [
      Math.ceil(K / tile.TILE_N),
      Math.ceil(tiles / folds),
      matrices * phases * phases * folds,
    ],
  };
}

/**
 * What a kernel's loop need not ask: whether windows reach outside of an image, whether
 * steps divide the summed axis, and how many at once.
 */
function loopConstants(
  { R, S, stride, padding }: Pick<
    ConvProblem,
    "R" | "S" | "stride" | "padding"
  >,
  { phases = 1, summed, DEPTH }: {
    readonly phases?: number;
    readonly summed: readonly number[];
    readonly DEPTH: number;
  },
) {
  const divide = (steps: number) =>
    summed.every((size) => size % (steps * DEPTH) === 0);
  return {
    WINDOWS: R * S * stride * phases > 1 || padding > 0,
    FITS: divide(1),
    UNROLLED: [4, 2].find(divide) ?? 1,
  };
}

/** Matrices one behind the other, and the sizes of their products. */
export interface Matrices extends Tiled {
  readonly matrices: number;
  /** Rows of the left operands (rows, C). */
  readonly rows: number;
  /** Multiples of four. */
  readonly C: number;
  readonly K: number;
}

/** y = x w of many matrices: (rows, C) x (C, K) = (rows, K). */
export function matrixProducts(
  [x, w, y]: readonly [Storage, Storage, Storage],
  { matrices, rows, C, K, tile }: Matrices,
): BoundCall {
  const sizes = { ...asConvolution({ rows, C, K }), matrices };
  return {
    reads: [x, w, w, x, x],
    writes: [y],
    ...productCall(
      { ...sizes, phases: 1, transposed: 0, out_H: 1, out_W: rows },
      { tile, constants: NO_EPILOGUE },
    ),
  };
}

const NO_EPILOGUE = {
  SHIFT: false,
  RESIDUAL: false,
  MASK: false,
  RELU: false,
  Stored: "vec4f",
};

/** A product as a 1x1 convolution of one image of one row. */
function asConvolution(
  { rows, C, K }: Pick<Matrices, "rows" | "C" | "K">,
): ConvProblem {
  const image = { N: 1, H: 1, W: rows, P: 1, Q: rows };
  return { ...image, C, K, R: 1, S: 1, stride: 1, padding: 0 };
}

/** Workgroups to aim at, and most parts, which are added one after the other. */
const GRADIENT_GROUPS = 512;
const MAX_PARTS = 128;

/** Fewest pixels of a part. */
const MIN_PIXELS = 256;

/** Parts of the sums over rows, and what computes them. */
export interface PartsCall extends KernelCall {
  readonly parts: number;
}

/**
 * Parts (parts, matrices, C, K) of y = x^T w for many matrices (rows, C) and (rows, K),
 * of which these are the parts from `first` on, and `most` at most.
 */
export function transposedProducts(
  { matrices, rows, C, K, tile }: Matrices,
  { first, most }: { readonly first: number; readonly most: number },
): PartsCall {
  const sizes = asConvolution({ rows, C, K });
  return gradientCall(sizes, { tile, matrices, first, most });
}

/** The kernel of a weight gradient, its arguments, its grid and its parts. */
export function gradientCall(
  problem: ConvProblem,
  options: Tiled & {
    readonly stored?: Vectors["stored"];
    readonly matrices?: number;
    readonly first?: number;
    readonly most?: number;
  },
): PartsCall {
  const { N, H, W, C, K, R, S, P, Q, stride, padding } = problem;
  const { stored = "vec4f", matrices = 1, first = 0, most = MAX_PARTS } =
    options;
  const [C4, K4] = [vec4Count(C), vec4Count(K)];
  const rows = R * S * C4;
  const tile = options.tile ??
    tileFor({ rows: 4 * rows, filters: K, filling: 0 });
  const groups: [number, number] = [
    Math.ceil(K / tile.TILE_N),
    Math.ceil(4 * rows / tile.TILE_M),
  ];
  const pixels = N * P * Q;
  const { DEPTH } = tile;
  const wanted = GRADIENT_GROUPS / (matrices * groups[0] * groups[1]);
  const part = pixelsPerPart(pixels, { wanted, most, depth: DEPTH });
  const parts = Math.ceil(pixels / part);
  const image = { H, W, C4, K4, P, Q, S, stride, padding };
  const loop = loopConstants(problem, { summed: [pixels, part], DEPTH });
  return {
    parts,
    kernel: kernel("conv_implicit_gemm_weight_gradient", {
      constants: { ...tile, Stored: stored, ...loop },
    }),
    arguments: { ...image, rows, pixels, part, matrices, first_part: first },
    workgroups: [...groups, parts * matrices],
  };
}

/**
 * Pixels per part, for about as many parts as are wanted to keep a GPU busy: steps in
 * fours.
 */
function pixelsPerPart(
  pixels: number,
  { wanted, most, depth }: {
    readonly wanted: number;
    readonly most: number;
    readonly depth: number;
  },
): number {
  const parts = Math.min(MAX_PARTS, most, Math.ceil(wanted));
  const size = Math.max(MIN_PIXELS, Math.ceil(pixels / parts));
  const steps = 4 * depth;
  return Math.min(MAX_LOOP_TRIPS * depth, Math.ceil(size / steps) * steps);
}
