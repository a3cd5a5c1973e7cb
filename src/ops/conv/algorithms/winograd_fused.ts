// Winograd's method in tiles of 2 x 2 outputs, with its transforms in the kernel of the
// products, for GPUs: nothing that is transformed is stored, except for filters. It
// multiplies 16/9 times as much as tiles of 4 x 4, and moves a fifth of the bytes, so that it
// is for layers with few channels, whose products take less time than their traffic.
//
// Tiles of 4 x 4 are not fused: their 36 matrices leave a workgroup of 256 threads and 16 KiB
// no more than eight tiles by 32 filters, which multiply twice for each byte of filters.

import { MAX_WORKGROUPS } from "../../../gpu/limits.ts";
import type { Dispatch } from "../../../gpu/program.ts";
import type { Lowering, Op, Storage } from "../../../graph/graph.ts";
import { like } from "../../../graph/tensor.ts";
import { kernel } from "../../kernel.ts";
import { type ConvAlgorithm, type ConvRequest, gpuCost } from "../algorithm.ts";
import { bindEpilogue } from "../epilogue.ts";
import { convFlops, convLabel, type ConvProblem } from "../problem.ts";
import {
  areTransformable,
  passesByFilters,
  type TransformedConvolution,
} from "./transformed_filters.ts";
import { matricesOf, problemOf, tilingOf } from "./winograd_tiles.ts";

const TILE = 2;

/** Tiles and filters of a workgroup. */
const TILES = 32;
const FILTERS = 32;

/** Instructions that multiply, as a part of those in the tiled products. */
const SHARE = 0.72;

/** Winograd's method in one kernel, for channels that are multiples of four. */
export const winogradFused: ConvAlgorithm = {
  name: "winograd fused",
  half: true,
  supports: fits,
  cost: ({ problem, target }) =>
    target.adapterClass === "gpu" ? costOn(problem) : Infinity,
  expand: passesByFilters(() => winogradFusedConv2dOp, {
    tile: TILE,
    options: {},
  }),
};

function fits({ problem }: ConvRequest): boolean {
  const { C, K, N, H, W } = problem;
  const { tiles } = tilingOf({ N, P: H + 2, Q: W + 2 }, TILE);
  return areTransformable(problem) &&
    C % 4 === 0 && K % 4 === 0 && tiles <= TILES * MAX_WORKGROUPS;
}

function costOn(problem: ConvProblem): number {
  const { N, H, W, C, K, P, Q } = problem;
  const { tiles } = tilingOf(problem, TILE);
  return gpuCost({
    multiplyAdds: matricesOf(TILE) * tiles * C * K / SHARE,
    values: N * H * W * C + N * P * Q * K + 2 * matricesOf(TILE) * C * K,
    dispatches: 2,
  });
}

/** Inputs x, transformed filters and what the epilogue adds; output y of that shape. */
export const winogradFusedConv2dOp: Op<TransformedConvolution> = {
  name: "winograd_fused_conv2d",
  half: true,
  infer: ([x], { shape }) => [like(x!, shape)],
  lower: (io, params) => [dispatchOf(io, params)],
};

function dispatchOf(
  { inputs, outputs: [y] }: Lowering,
  params: TransformedConvolution,
): Dispatch<Storage> {
  const { padding, transposed } = params;
  const [N, H, W, C] = inputs[0]!.shape as [number, number, number, number];
  const [, P, Q, K] = y!.shape as [number, number, number, number];
  const { high, wide, tiles } = tilingOf({ N, P, Q }, TILE);
  const { reads, constants } = bindEpilogue(inputs, params);
  const problem = problemOf({ N, H, W, C, K, P, Q, padding }, transposed);
  const types = y!.dtype === "f16"
    ? { Pair: "vec2h", Stored: "vec4h" }
    : { Pair: "vec2f", Stored: "vec4f" };
  const grid = { tiles_h: high, tiles_w: wide, tiles };
  const name = transposed ? "conv2d input gradient" : "conv2d";
  return {
    label: `${name} ${convLabel(problem)} fused F${TILE}`,
    kernel: kernel("winograd_fused", {
      constants: { ...constants, ...types },
    }),
    reads,
    writes: [y!],
    arguments: { H, W, C4: C / 4, K4: K / 4, P, Q, padding, ...grid },
    workgroups: [Math.ceil(K / FILTERS), Math.ceil(tiles / TILES), 1],
    flops: convFlops(problem),
    arithmetic: 2 * matricesOf(TILE) * tiles * C * K,
  };
}
