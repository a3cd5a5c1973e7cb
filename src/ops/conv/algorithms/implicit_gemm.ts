// Implicit GEMM, for GPUs: a convolution as a product of its pixels' windows with its
// filters, where windows are gathered into workgroup memory and never stored. Channels
// are padded to multiples of four first.

import type { Dispatch } from "../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../graph/graph.ts";
import { f32 } from "../../../graph/tensor.ts";
import { vectorsOf } from "../../vectors.ts";
import {
  type ConvAlgorithm,
  type Convolution,
  gpuProductCost,
} from "../algorithm.ts";
import { PaddedChannels, paddedChannels } from "../padded_channels.ts";
import { convFlops, convLabel } from "../problem.ts";
import { sumOfParts } from "../sum_of_parts.ts";
import { gradientCall, productCall } from "./gemm_kernels.ts";
import { type Tile, tileName, TILES } from "./gemm_tile.ts";

/** Implicit GEMM in the given tile, or in that of `tileFor`. */
function implicitGemmIn(
  tile?: Tile,
  variants: readonly ConvAlgorithm[] = [],
): ConvAlgorithm {
  return {
    name: tile ? `implicitGemm ${tileName(tile)}` : "implicitGemm",
    half: true,
    supports: () => true,
    cost: ({ problem, target }) =>
      target.adapterClass === "gpu" ? gpuProductCost(problem) : Infinity,
    lower: {
      "forward": (io, given) => forward(io, { ...given, tile }),
      "input gradient": (io, given) => inputGradient(io, { ...given, tile }),
      "weight gradient": (io, given) => weightGradient(io, { ...given, tile }),
    },
    variants,
  };
}

/** Implicit GEMM; its variants are the tiles. */
export const implicitGemm: ConvAlgorithm = implicitGemmIn(
  undefined,
  TILES.map((tile) => implicitGemmIn(tile)),
);

interface TiledConvolution extends Convolution {
  readonly tile: Tile | undefined;
}

/** Dispatches for y from x and w, and what its epilogue adds. */
function forward(
  io: Lowering,
  { problem, epilogue, tile }: TiledConvolution,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q } = problem;
  const padded = new PaddedChannels(io);
  const shapes = { x: [N, H, W, C], w: [R, S, C, K], y: [N, P, Q, K] };
  const { reads, constants } = padded.bind(io.inputs, shapes, epilogue);
  const y = padded.cut(io.outputs[0]!, { shape: shapes.y, axes: [3] });
  const { stored } = vectorsOf(reads[0], 4);
  return padded.around({
    label: `conv2d ${convLabel(problem)}`,
    reads,
    writes: [y],
    flops: convFlops(problem),
    ...productCall(
      { ...problem, phases: 1, transposed: 0, out_H: P, out_W: Q },
      { tile, constants: { ...constants, Stored: stored } },
    ),
  });
}

/** Dispatches for dx from dy, w with channels swapped, and what follows. */
function inputGradient(
  io: Lowering,
  { problem, epilogue, tile }: TiledConvolution,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride } = problem;
  const padded = new PaddedChannels(io);
  const shapes = { x: [N, P, Q, K], w: [R, S, K, C], y: [N, H, W, C] };
  const { reads, constants } = padded.bind(io.inputs, shapes, epilogue);
  const dx = padded.cut(io.outputs[0]!, { shape: shapes.y, axes: [3] });
  const { stored } = vectorsOf(reads[0], 4);
  // Pixels of one phase: those that every stride-th tap of an output reaches.
  const phase = { P: Math.ceil(H / stride), Q: Math.ceil(W / stride) };
  const swapped = { ...problem, H: P, W: Q, C: K, K: C, stride: 1, ...phase };
  return padded.around({
    label: `conv2d input gradient ${convLabel(problem)}`,
    reads,
    writes: [dx],
    flops: convFlops(problem),
    ...productCall(
      { ...swapped, phases: stride, transposed: 1, out_H: H, out_W: W },
      { tile, constants: { ...constants, Stored: stored } },
    ),
  });
}

/** Dispatches for dw from x and dy. */
function weightGradient(
  io: Lowering,
  { problem, tile }: TiledConvolution,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q } = problem;
  const padded = new PaddedChannels(io);
  const x = padded.pad(io.inputs[0]!, { shape: [N, H, W, C], axes: [3] });
  const dy = padded.pad(io.inputs[1]!, { shape: [N, P, Q, K], axes: [3] });
  const dw = padded.cut(io.outputs[0]!, { shape: [R, S, C, K], axes: [2, 3] });
  const { stored } = vectorsOf(x, 4);
  const { parts, ...call } = gradientCall(problem, { tile, stored });
  const weights = R * S * paddedChannels(C) * paddedChannels(K);
  const partial = io.scratch(f32([parts, weights]));
  return padded.around({
    label: `conv2d weight gradient ${convLabel(problem)}`,
    ...call,
    reads: [x, dy],
    writes: [partial],
    flops: convFlops(problem),
  }, sumOfParts(partial, dw, { parts, weights }));
}
