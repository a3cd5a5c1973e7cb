// The tiles of outputs that Winograd's method computes at a time, the pieces that they
// are computed in, and the kernels that transform them.

import type { Target } from "../../../gpu/device.ts";
import { type Dispatch, linearGrid } from "../../../gpu/program.ts";
import type { Storage } from "../../../graph/graph.ts";
import {
  byteLengthOf,
  type DType,
  type TensorType,
} from "../../../graph/tensor.ts";
import { type ShaderName, WGSL } from "../../../wgsl/mod.gen.ts";
import { kernel, type Specialization } from "../../kernel.ts";
import { vectorAccess } from "../../vectors.ts";
import { paddedChannels } from "../padded_channels.ts";
import type { ConvProblem } from "../problem.ts";
import type { Matrices } from "./gemm_kernels.ts";
import type { Tile } from "./gemm_tile.ts";

/** Rows and columns of outputs in a tile. */
export type TileSide = 2 | 4;

/** How tiles are computed. */
export interface WinogradOptions {
  readonly tile: TileSide;
  /** MiB of transformed inputs, or of products, that exist at once. */
  readonly mebibytes: number;
  /** The tile of products on GPUs; by arithmetic on their shape where absent. */
  readonly gemmTile?: Tile | undefined;
}

/** The tiles of a batch of images. */
export interface Tiling {
  readonly tile: TileSide;
  /** Rows and columns of tiles of an image. */
  readonly high: number;
  readonly wide: number;
  readonly tiles: number;
}

/** Tiles that are computed together. */
export interface TilePiece {
  readonly first: number;
  readonly tiles: number;
}

/** The tiles of outputs (N, P, Q). */
export function tilingOf(
  { N, P, Q }: {
    readonly N: number;
    readonly P: number;
    readonly Q: number;
  },
  tile: TileSide,
): Tiling {
  const [high, wide] = [Math.ceil(P / tile), Math.ceil(Q / tile)];
  return { tile, high, wide, tiles: N * high * wide };
}

/** Products that stand for a tile: one for each of its inputs. */
export function matricesOf(tile: TileSide): number {
  return (tile + 2) ** 2;
}

/** The sizes of the products for a convolution, channels padded. */
export function productSizes(
  { C, K }: { readonly C: number; readonly K: number },
  { tile, gemmTile }: Pick<WinogradOptions, "tile" | "gemmTile">,
): Omit<Matrices, "rows"> {
  return {
    matrices: matricesOf(tile),
    C: paddedChannels(C),
    K: paddedChannels(K),
    tile: gemmTile,
  };
}

/** Tiles of a piece are a multiple of what four steps of any product add. */
const WHOLE_STEPS = 32;

/** Pieces of about equal size whose transforms take at most that many MiB. */
export function piecesOf(
  { tile, tiles }: Tiling,
  { channels, mebibytes }: {
    readonly channels: number;
    readonly mebibytes: number;
  },
): TilePiece[] {
  const bytes = 4 * matricesOf(tile) * paddedChannels(channels);
  const fitting = Math.max(1, Math.floor(mebibytes * 2 ** 20 / bytes));
  const whole = fitting < WHOLE_STEPS ? 1 : WHOLE_STEPS;
  const most = whole * Math.floor(fitting / whole);
  const even = Math.ceil(tiles / Math.ceil(tiles / most));
  const size = whole * Math.ceil(even / whole);
  const pieces: TilePiece[] = [];
  for (let first = 0; first < tiles; first += size) {
    pieces.push({ first, tiles: Math.min(size, tiles - first) });
  }
  return pieces;
}

/** The part of `flops` that a piece does; of all pieces, exactly all. */
export function flopsOf(
  { first, tiles }: TilePiece,
  { flops, of }: { readonly flops: number; readonly of: Tiling },
): number {
  const until = (tile: number) => Math.floor(flops * tile / of.tiles);
  return until(first + tiles) - until(first);
}

/** A kernel of Winograd's method on filters, channel by channel. */
export function winogradKernel(
  name: ShaderName,
  { tile, stored: { dtype } }: {
    readonly tile: TileSide;
    /** The tensor outside of the transformed domain, where all is f32. */
    readonly stored: Pick<TensorType, "dtype">;
  },
): Dispatch["kernel"] {
  const Stored = laneType(dtype, 1);
  return kernel(name, {
    constants: { TILE: tile, SIDE: tile + 2, Lane: "f32", Stored },
    declarations: WGSL[`winograd_${tile}`],
  });
}

/** So many numbers of a type that floats have. */
function laneType(dtype: DType, width: 1 | 2 | 4): string {
  const half = dtype === "f16";
  if (width === 1) return half ? "f16" : "f32";
  return `vec${width}${half ? "h" : "f"}`;
}

/** How transforms read and write lanes: `Packed` where transformed, `Image` elsewhere. */
function laneAccess(
  target: Target,
  { dtype, width }: Pick<TensorType, "dtype"> & { readonly width: 1 | 2 | 4 },
): string {
  const element = laneType("f32", width), stored = laneType(dtype, width);
  const { declarations } = vectorAccess(target, { element, stored: element });
  const [image, from, to] = dtype === "f16"
    ? [stored, element, stored]
    : ["Packed", "unpack", "pack"];
  return `${declarations}
alias Image = ${image};
fn from_image(image: Image) -> ${element} {
  return ${from}(image);
}
fn to_image(lane: ${element}) -> Image {
  return ${to}(lane);
}`;
}

/** Channels that a thread transforms: what registers hold, and divides them. */
function widthFor(channels: number, tile: TileSide): 1 | 2 | 4 {
  if (tile === 2 && channels % 4 === 0) return 4;
  return channels % 2 === 0 ? 2 : 1;
}

/** A transform of tiles between images (N, H, W, C) and the transformed domain. */
export interface TileTransform {
  readonly reads: readonly Storage[];
  readonly write: Storage;
  readonly tiling: Tiling;
  readonly piece: TilePiece;
  readonly H: number;
  readonly W: number;
  readonly C: number;
  /** 0 if absent. */
  readonly padding?: number;
  readonly constants?: Specialization["constants"];
}

/** Bytes of a piece, and its share of the images, which are bound whole. */
function trafficOf(
  what: "input" | "output" | "cotangent",
  { reads, write, tiling, piece, C }: TileTransform,
): number {
  const transformed = what === "output" ? reads[0]! : write;
  const images = new Set([...reads, write]);
  images.delete(transformed);
  const bytes = [...images].reduce((sum, one) => sum + byteLengthOf(one), 0);
  return Math.round(bytes * piece.tiles / tiling.tiles) +
    4 * matricesOf(tiling.tile) * piece.tiles * paddedChannels(C);
}

/** The dispatch of a transform of tiles. */
export function transformTiles(
  target: Target,
  what: "input" | "output" | "cotangent",
  transform: TileTransform,
): Dispatch<Storage> {
  const { tiling, piece, H, W, C, padding = 0, ...given } = transform;
  const { tile, high, wide } = tiling;
  const width = widthFor(C, tile);
  const { reads, write, constants = {} } = given;
  const lanes = paddedChannels(C) / width;
  const { dtype } = what === "output" ? write : reads[0]!;
  return {
    label: `winograd ${what} F${tile}`,
    kernel: kernel(`winograd_${what}`, {
      constants: {
        TILE: tile,
        SIDE: tile + 2,
        Lane: laneType("f32", width),
        ...constants,
      },
      declarations: `${WGSL[`winograd_${tile}`]}${
        laneAccess(target, { dtype, width })
      }`,
    }),
    reads,
    writes: [write],
    traffic: trafficOf(what, transform),
    arguments: {
      H,
      W,
      C: C / width,
      padded_C: lanes,
      padding,
      tiles_h: high,
      tiles_w: wide,
      ...piece,
    },
    workgroups: linearGrid(piece.tiles * lanes, 64),
  };
}

/** The convolution that a product with transformed filters computes, or the one whose
 * input gradient it is. */
export function problemOf(
  sizes: Pick<ConvProblem, "N" | "H" | "W" | "C" | "K" | "P" | "Q" | "padding">,
  transposed: boolean,
): ConvProblem {
  const { H, W, C, K, P, Q } = sizes;
  const swapped = transposed ? { H: P, W: Q, C: K, K: C, P: H, Q: W } : {};
  return { ...sizes, R: 3, S: 3, stride: 1, ...swapped };
}
