// Convolution kernels for GPUs: matrix products in tiles that the threads of a
// workgroup share through its memory. Channels are brought to multiples of four
// first, where they are not.
//
// No measurement chooses a tile, so that equal experiments add in equal order on
// every GPU: `tileFor` is arithmetic on the shape alone.

import type { Dispatch } from "../gpu/program.ts";
import type { Lowering, Storage } from "../graph/graph.ts";
import { f32 } from "../graph/tensor.ts";
import { sumOfParts } from "./conv2d_direct.ts";
import { Fours, quads } from "./conv2d_fours.ts";
import {
  convFlops,
  convLabel,
  type ConvSizes,
  type Epilogue,
  epilogueOf,
} from "./conv2d_sizes.ts";
import { kernel } from "./kernel.ts";

/** Rows and filters of a workgroup; a thread has ROWS of the rows and eight filters. */
export interface Tile {
  readonly TILE_M: number;
  readonly TILE_N: number;
  readonly ROWS: 4 | 8;
}

/**
 * The tiles to choose from, the first of equals. All need at most 16 KiB of workgroup
 * memory and 256 threads; 80 filters divide the 160 of a WRN-34-10.
 */
const TILES: readonly Tile[] = [
  { TILE_M: 128, TILE_N: 64, ROWS: 8 },
  { TILE_M: 128, TILE_N: 80, ROWS: 8 },
  { TILE_M: 128, TILE_N: 32, ROWS: 8 },
  { TILE_M: 128, TILE_N: 16, ROWS: 4 },
  { TILE_M: 64, TILE_N: 64, ROWS: 4 },
  { TILE_M: 64, TILE_N: 32, ROWS: 4 },
];

/** Threads that a large GPU runs at once, of which the last ones end alone. */
const FILLING = 16_384;

/** By how much another tile must be better than one that comes before it. */
const GAIN = 0.95;

/** The tile that multiplies (rows, depth) by (depth, filters) with least effort. */
export function tileFor(
  { rows, filters, filling = FILLING }: {
    readonly rows: number;
    readonly filters: number;
    /** 0 where there are always enough workgroups, however large the tile. */
    readonly filling?: number;
  },
): Tile {
  const effort = (tile: Tile) =>
    (tilesOf(tile, rows, filters) + filling / threadsOf(tile)) * costOf(tile);
  return TILES.reduce((best, tile) =>
    effort(tile) < GAIN * effort(best) ? tile : best
  );
}

function tilesOf(
  { TILE_M, TILE_N }: Tile,
  rows: number,
  filters: number,
): number {
  return Math.ceil(rows / TILE_M) * Math.ceil(filters / TILE_N);
}

function threadsOf({ TILE_M, TILE_N, ROWS }: Tile): number {
  return TILE_M / ROWS * (TILE_N / 8);
}

/**
 * What a workgroup spends per unit of depth, in multiply-adds: those of the tile, eight
 * for each value that it fetches, and four for each vector that a thread reads back.
 */
function costOf(tile: Tile): number {
  const { TILE_M, TILE_N, ROWS } = tile;
  return TILE_M * TILE_N + 8 * (TILE_M + TILE_N) +
    threadsOf(tile) * (ROWS + 8);
}

/** Dispatches for y from x and w, and what its epilogue adds. */
export function tilesForward(
  io: Lowering,
  sizes: ConvSizes,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q } = sizes;
  const { reads, constants } = epilogueOf(io.inputs, epilogue);
  const fours = new Fours(io);
  const x = fours.from(reads[0], [N, H, W, C], [3]);
  const w = fours.from(reads[1], [R, S, C, K], [2, 3]);
  const shift = epilogue.shift ? fours.from(reads[2], [K], [0]) : w;
  const residual = epilogue.residual
    ? fours.from(reads[3], [N, P, Q, K], [3])
    : x;
  const y = fours.into(io.outputs[0]!, [N, P, Q, K], [3]);
  return fours.around({
    label: `conv2d ${convLabel(sizes)}`,
    reads: [x, w, shift, residual],
    writes: [y],
    flops: convFlops(sizes),
    ...product(
      { ...sizes, phases: 1, transposed: 0, out_H: P, out_W: Q },
      constants,
    ),
  });
}

/** Dispatches for dx from dy and w with channels swapped. */
export function tilesInputGradient(
  io: Lowering,
  sizes: ConvSizes,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride } = sizes;
  const fours = new Fours(io);
  const dy = fours.from(io.inputs[0]!, [N, P, Q, K], [3]);
  const w = fours.from(io.inputs[1]!, [R, S, K, C], [2, 3]);
  const dx = fours.into(io.outputs[0]!, [N, H, W, C], [3]);
  return fours.around({
    label: `conv2d input gradient ${convLabel(sizes)}`,
    reads: [dy, w, w, dy],
    writes: [dx],
    flops: convFlops(sizes),
    ...product({
      ...sizes,
      ...{ H: P, W: Q, C: K, K: C, stride: 1, phases: stride, transposed: 1 },
      ...{ out_H: H, out_W: W },
      // Pixels of one phase: those that every stride-th tap of an output reaches.
      P: Math.ceil(H / stride),
      Q: Math.ceil(W / stride),
    }, { SHIFT: false, RESIDUAL: false, RELU: false }),
  });
}

/** Most workgroups along one dimension. */
const MAX_GROUPS = 65_535;

/** The sizes of a forward pass, or of an input gradient seen as one of dy. */
interface Product extends ConvSizes {
  /** Steps between output pixels that see the same taps. */
  readonly phases: number;
  readonly transposed: 0 | 1;
  readonly out_H: number;
  readonly out_W: number;
}

/** The kernel of a forward pass or an input gradient, its arguments and its grid. */
function product(
  { N, C, K, P, Q, phases, ...sizes }: Product,
  constants: Readonly<Record<string, boolean>>,
): Pick<Dispatch, "kernel" | "arguments" | "workgroups"> {
  const pixels = N * P * Q;
  const tile = tileFor({ rows: pixels, filters: K });
  const tiles = Math.ceil(pixels / tile.TILE_M);
  const folds = Math.ceil(tiles / MAX_GROUPS);
  return {
    kernel: kernel("conv2d_tiles", {
      constants: { ...constants, ...tile, DEPTH: C > 4 ? 8 : 4 },
    }),
    arguments: {
      ...sizes,
      ...{ P, Q, C4: quads(C), K4: quads(K), pixels, phases },
    },
    workgroups: [
      Math.ceil(K / tile.TILE_N),
      Math.ceil(tiles / folds),
      phases * phases * folds,
    ],
  };
}

/** Pixels per step of a weight gradient. */
const DEPTH = 8;

/** Workgroups to aim at, and most parts, which are added one after the other. */
const GRADIENT_GROUPS = 512;
const MAX_PARTS = 128;

/** Fewest pixels of a part, and most: some drivers stop a loop after 65,535 trips. */
const MIN_PIXELS = 256;
const MAX_PIXELS = 50_000 * DEPTH;

/** Dispatches for dw from x and dy. */
export function tilesWeightGradient(
  io: Lowering,
  sizes: ConvSizes,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride, padding } = sizes;
  const fours = new Fours(io);
  const x = fours.from(io.inputs[0]!, [N, H, W, C], [3]);
  const dy = fours.from(io.inputs[1]!, [N, P, Q, K], [3]);
  const dw = fours.into(io.outputs[0]!, [R, S, C, K], [2, 3]);
  const rows = R * S * quads(C);
  const tile = tileFor({ rows: 4 * rows, filters: K, filling: 0 });
  const groups: [number, number] = [
    Math.ceil(K / tile.TILE_N),
    Math.ceil(4 * rows / tile.TILE_M),
  ];
  const pixels = N * P * Q;
  const part = partOf(pixels, groups[0] * groups[1]);
  const parts = Math.ceil(pixels / part);
  const weights = 16 * rows * quads(K);
  const partial = io.scratch(f32([parts, weights]));
  return fours.around({
    label: `conv2d weight gradient ${convLabel(sizes)}`,
    kernel: kernel("conv2d_tiles_weight_gradient", {
      constants: { ...tile, DEPTH },
    }),
    reads: [x, dy],
    writes: [partial],
    arguments: {
      ...{ H, W, C4: quads(C), K4: quads(K), P, Q, S, stride, padding },
      ...{ rows, pixels, part },
    },
    workgroups: [...groups, parts],
    flops: convFlops(sizes),
  }, sumOfParts(partial, dw, { parts, weights }));
}

/** Pixels per part, so that `tiles` of each part keep a GPU busy. */
function partOf(pixels: number, tiles: number): number {
  const parts = Math.min(MAX_PARTS, Math.ceil(GRADIENT_GROUPS / tiles));
  const wanted = Math.max(MIN_PIXELS, Math.ceil(pixels / parts));
  return Math.min(MAX_PIXELS, Math.ceil(wanted / DEPTH) * DEPTH);
}
