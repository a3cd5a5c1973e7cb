// Convolution kernels for GPUs: matrix products in tiles that the threads of a
// workgroup share through its memory. Channels are brought to multiples of four
// first, where they are not. The same kernels multiply many matrices at once.

import type { Dispatch, Kernel } from "../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../graph/graph.ts";
import { f32 } from "../../../graph/tensor.ts";
import { sumOfParts } from "./direct.ts";
import { Fours, quads } from "../padded_channels.ts";
import {
  convFlops,
  convLabel,
  type ConvProblem,
  type Epilogue,
  epilogueOf,
} from "../problem.ts";
import { type Tile, tileFor } from "./gemm_tile.ts";
import { kernel } from "../../kernel.ts";
import { type Vectors, vectorsOf } from "../../vectors.ts";

/** The tile to use; `tileFor` chooses one where it is absent. */
interface Tiled {
  readonly tile?: Tile | undefined;
}

/** Dispatches for y from x and w, and what its epilogue adds. */
export function tilesForward(
  io: Lowering,
  sizes: ConvProblem,
  { tile, ...epilogue }: Epilogue & Tiled,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q } = sizes;
  const { reads, constants } = epilogueOf(io.inputs, epilogue);
  const fours = new Fours(io);
  const shapes = { x: [N, H, W, C], w: [R, S, C, K], y: [N, P, Q, K] };
  const bound = fours.reads(reads, shapes, epilogue);
  const y = fours.into(io.outputs[0]!, [N, P, Q, K], [3]);
  return fours.around({
    label: `conv2d ${convLabel(sizes)}`,
    reads: bound,
    writes: [y],
    flops: convFlops(sizes),
    ...product(
      { ...sizes, phases: 1, transposed: 0, out_H: P, out_W: Q },
      {
        tile,
        constants: { ...constants, Stored: vectorsOf(reads[0], 4).stored },
      },
    ),
  });
}

/** Dispatches for dx from dy, w with channels swapped, and what follows. */
export function tilesInputGradient(
  io: Lowering,
  sizes: ConvProblem,
  { tile, ...epilogue }: Epilogue & Tiled = {},
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride } = sizes;
  const { reads, constants } = epilogueOf(io.inputs, epilogue);
  const fours = new Fours(io);
  const shapes = { x: [N, P, Q, K], w: [R, S, K, C], y: [N, H, W, C] };
  const bound = fours.reads(reads, shapes, epilogue);
  const dx = fours.into(io.outputs[0]!, [N, H, W, C], [3]);
  return fours.around({
    label: `conv2d input gradient ${convLabel(sizes)}`,
    reads: bound,
    writes: [dx],
    flops: convFlops(sizes),
    ...product({
      ...sizes,
      ...{ H: P, W: Q, C: K, K: C, stride: 1, phases: stride, transposed: 1 },
      ...{ out_H: H, out_W: W },
      // Pixels of one phase: those that every stride-th tap of an output reaches.
      P: Math.ceil(H / stride),
      Q: Math.ceil(W / stride),
    }, {
      tile,
      constants: { ...constants, Stored: vectorsOf(reads[0], 4).stored },
    }),
  });
}

/** Matrices one behind the other, and the sizes of their products. */
export interface Matrices {
  readonly matrices: number;
  /** Rows of the left operands (rows, C). */
  readonly rows: number;
  /** Multiples of four. */
  readonly C: number;
  readonly K: number;
  /** The tile to use; `tileFor` chooses one where it is absent. */
  readonly cut?: Tile | undefined;
}

/** y = x w of many matrices, as 1x1 convolutions: (rows, C) x (C, K) = (rows, K). */
export function products(
  [x, w, y]: readonly [Storage, Storage, Storage],
  { matrices, rows, C, K, cut }: Matrices,
): Pick<
  Dispatch<Storage>,
  "kernel" | "reads" | "writes" | "arguments" | "workgroups"
> {
  return {
    reads: [x, w, w, x, x],
    writes: [y],
    ...product({
      ...{ N: 1, H: 1, W: rows, C, K, R: 1, S: 1, P: 1, Q: rows },
      ...{ stride: 1, padding: 0, phases: 1, transposed: 0, matrices },
      ...{ out_H: 1, out_W: rows },
    }, { tile: cut, constants: PLAIN }),
  };
}

/** No epilogue. */
const PLAIN = {
  ...{ SHIFT: false, RESIDUAL: false, MASK: false, RELU: false },
  Stored: "vec4f",
};

/** Most workgroups along one dimension. */
const MAX_GROUPS = 65_535;

/** The sizes of a forward pass, or of an input gradient seen as one of dy. */
interface Product extends ConvProblem {
  /** Steps between output pixels that see the same taps. */
  readonly phases: number;
  readonly transposed: 0 | 1;
  /** 1x1 convolutions that lie one behind the other; 1 if absent. */
  readonly matrices?: number;
  readonly out_H: number;
  readonly out_W: number;
}

/** The kernel of a forward pass or an input gradient, its arguments and its grid. */
function product(
  { N, C, K, P, Q, phases, matrices = 1, ...sizes }: Product,
  { tile: given, constants }: Tiled & {
    readonly constants: Kernel["constants"];
  },
): Pick<Dispatch, "kernel" | "arguments" | "workgroups"> {
  const pixels = N * P * Q;
  const tile = given ??
    tileFor({ rows: pixels, filters: K, products: matrices });
  const tiles = Math.ceil(pixels / tile.TILE_M);
  const folds = Math.ceil(tiles / MAX_GROUPS);
  return {
    kernel: kernel("conv2d_tiles", {
      constants: { ...constants, ...tile, DEPTH: C > 4 ? tile.DEPTH : 4 },
    }),
    arguments: {
      ...sizes,
      ...{ P, Q, C4: quads(C), K4: quads(K), pixels, phases, matrices },
    },
    workgroups: [
      Math.ceil(K / tile.TILE_N),
      Math.ceil(tiles / folds),
      matrices * phases * phases * folds,
    ],
  };
}

/** Workgroups to aim at, and most parts, which are added one after the other. */
const GRADIENT_GROUPS = 512;
const MAX_PARTS = 128;

/** Fewest pixels of a part, and most steps: some drivers stop after 65,535. */
const MIN_PIXELS = 256;
const MAX_STEPS = 50_000;

/** Dispatches for dw from x and dy. */
export function tilesWeightGradient(
  io: Lowering,
  sizes: ConvProblem,
  { tile }: Tiled = {},
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q } = sizes;
  const fours = new Fours(io);
  const x = fours.from(io.inputs[0]!, [N, H, W, C], [3]);
  const dy = fours.from(io.inputs[1]!, [N, P, Q, K], [3]);
  const dw = fours.into(io.outputs[0]!, [R, S, C, K], [2, 3]);
  const { stored } = vectorsOf(x, 4);
  const { parts, ...dispatch } = gradient(sizes, { tile, stored });
  const weights = 16 * R * S * quads(C) * quads(K);
  const partial = io.scratch(f32([parts, weights]));
  return fours.around({
    label: `conv2d weight gradient ${convLabel(sizes)}`,
    ...dispatch,
    reads: [x, dy],
    writes: [partial],
    flops: convFlops(sizes),
  }, sumOfParts(partial, dw, { parts, weights }));
}

/** Parts of the sums over rows, and what computes them. */
type Parts =
  & Pick<Dispatch, "kernel" | "arguments" | "workgroups">
  & { readonly parts: number };

/**
 * Parts (parts, matrices, C, K) of y = x^T w for many matrices (rows, C) and (rows, K),
 * of which these are the parts from `first` on, and `most` at most.
 */
export function transposedProducts(
  { matrices, rows, C, K, cut }: Matrices,
  { first, most }: { readonly first: number; readonly most: number },
): Parts {
  const sizes: ConvProblem = {
    ...{ N: 1, H: 1, W: rows, C, K, R: 1, S: 1, P: 1, Q: rows },
    ...{ stride: 1, padding: 0 },
  };
  return gradient(sizes, { tile: cut, matrices, first, most });
}

/** The kernel of a weight gradient, its arguments, its grid and its parts. */
function gradient(
  { N, H, W, C, K, R, S, P, Q, stride, padding }: ConvProblem,
  options: Tiled & {
    readonly stored?: Vectors["stored"];
    readonly matrices?: number;
    readonly first?: number;
    readonly most?: number;
  },
): Parts {
  const { stored = "vec4f", matrices = 1, first = 0, most = MAX_PARTS } =
    options;
  const rows = R * S * quads(C);
  const tile = options.tile ??
    tileFor({ rows: 4 * rows, filters: K, filling: 0 });
  const groups: [number, number] = [
    Math.ceil(K / tile.TILE_N),
    Math.ceil(4 * rows / tile.TILE_M),
  ];
  const pixels = N * P * Q;
  const part = partOf(pixels, {
    wanted: GRADIENT_GROUPS / (matrices * groups[0] * groups[1]),
    most,
    depth: tile.DEPTH,
  });
  const parts = Math.ceil(pixels / part);
  return {
    parts,
    kernel: kernel("conv2d_tiles_weight_gradient", {
      constants: { ...tile, Stored: stored },
    }),
    arguments: {
      ...{ H, W, C4: quads(C), K4: quads(K), P, Q, S, stride, padding },
      ...{ rows, pixels, part, matrices, first_part: first },
    },
    workgroups: [...groups, parts * matrices],
  };
}

/** Pixels per part, for about as many parts as are wanted to keep a GPU busy. */
function partOf(
  pixels: number,
  { wanted, most, depth }: {
    readonly wanted: number;
    readonly most: number;
    readonly depth: number;
  },
): number {
  const parts = Math.min(MAX_PARTS, most, Math.ceil(wanted));
  const size = Math.max(MIN_PIXELS, Math.ceil(pixels / parts));
  return Math.min(MAX_STEPS * depth, Math.ceil(size / depth) * depth);
}
