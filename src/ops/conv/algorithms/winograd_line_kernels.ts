// The dispatches of Winograd's method by lines: down the columns of images, products with
// the transforms along lines, and down the columns of outputs.

import { type Dispatch, linearGrid } from "../../../gpu/program.ts";
import type { Storage } from "../../../graph/graph.ts";
import { byteLengthOf } from "../../../graph/tensor.ts";
import { kernel, type Specialization } from "../../kernel.ts";
import { convFlops, convLabel, type ConvProblem } from "../problem.ts";
import { flopsOf, matricesOf, type Tiling } from "./winograd_tiles.ts";

/** Rows and columns of outputs in a tile, and of its inputs. */
export const ROWS = 4;
export const SIDE = 6;

/** Tiles of a workgroup. */
export const TILES = 32;

/** Lines that are computed together. */
export interface LinePiece {
  readonly first: number;
  readonly lines: number;
}

/** A convolution by lines. */
export interface LineConvolution {
  readonly sizes: Pick<
    ConvProblem,
    "N" | "H" | "W" | "C" | "K" | "P" | "Q" | "padding"
  >;
  /** The tiles of its outputs; `wide` are a line. */
  readonly tiling: Tiling;
  /** What it is called and counts as, and the pass. */
  readonly problem: ConvProblem;
  readonly name: string;
}

/** A part of it. */
interface Part extends LineConvolution {
  readonly piece: LinePiece;
}

/** Vectors of four filters that a thread owns: a workgroup has 80 filters, or 64. */
export function vectorsFor(filters: number): 4 | 5 {
  return filters % 80 === 0 ? 5 : 4;
}

/** v = B^T x down the columns. */
export function lineInput(
  [x, v]: readonly [Storage, Storage],
  { sizes: { H, W, C, padding }, tiling, piece }: Part,
): Dispatch<Storage> {
  const C4 = C / 4;
  return {
    label: `winograd lines input F${ROWS}`,
    kernel: kernel("winograd_lines_input", {
      constants: { Lane: "vec4f", Stored: storedOf(x) },
    }),
    reads: [x],
    writes: [v],
    traffic: shareOf([x], { tiling, piece }) + 4 * SIDE * piece.lines * W * C,
    arguments: { H, W, C4, padding, high: tiling.high, ...piece },
    workgroups: linearGrid(piece.lines * W * C4, 64),
  };
}

/** m = (B^T v u) A along the lines. */
export function lineProducts(
  [v, u, m]: readonly [Storage, Storage, Storage],
  { sizes: { W, C, Q, K, padding }, tiling, problem, name, piece }: Part,
): Dispatch<Storage> {
  const { lines } = piece;
  const { wide } = tiling;
  const tiles = lines * wide;
  const VECTORS = vectorsFor(K);
  const flops = convFlops(problem);
  const of = { first: piece.first * wide, tiles };
  return {
    label: `${name} ${convLabel(problem)} F${ROWS} lines`,
    kernel: kernel("winograd_lines", {
      constants: { VECTORS, UNROLLED: C % 8 === 0 ? 2 : 1, Lane: "vec4f" },
    }),
    reads: [v, u],
    writes: [m],
    traffic: 4 * SIDE * lines * (W * C + Q * K) + byteLengthOf(u),
    arguments: { W, Q, C4: C / 4, K4: K / 4, padding, lines, wide, tiles },
    workgroups: [
      Math.ceil(K / (16 * VECTORS)),
      Math.ceil(tiles / TILES),
      SIDE,
    ],
    flops: flopsOf(of, { flops, of: tiling }),
    arithmetic: 2 * matricesOf(ROWS) * tiles * C * K,
  };
}

/** y = A^T m down the columns, and what its epilogue adds. */
export function lineOutput(
  bound: readonly Storage[],
  { sizes: { P, Q, K }, tiling, piece, constants }: Part & {
    readonly constants: Specialization["constants"];
  },
): Dispatch<Storage> {
  const [m, ...others] = bound;
  const y = others.at(-1)!;
  const images = others.filter((one) => one !== m);
  const K4 = K / 4;
  return {
    label: `winograd lines output F${ROWS}`,
    kernel: kernel("winograd_lines_output", {
      constants: { ...constants, Lane: "vec4f", Stored: storedOf(y) },
    }),
    reads: bound.slice(0, -1),
    writes: [y],
    traffic: shareOf(images, { tiling, piece }) +
      4 * SIDE * piece.lines * Q * K,
    arguments: { P, Q, K4, high: tiling.high, ...piece },
    workgroups: linearGrid(piece.lines * Q * K4, 64),
  };
}

function storedOf({ dtype }: Storage): string {
  return dtype === "f16" ? "vec4h" : "vec4f";
}

/** A piece's share of the bytes of images, which are bound whole. */
function shareOf(
  images: readonly Storage[],
  { tiling, piece }: Pick<Part, "tiling" | "piece">,
): number {
  const bytes = images.reduce((sum, one) => sum + byteLengthOf(one), 0);
  return Math.round(bytes * piece.lines * tiling.wide / tiling.tiles);
}
