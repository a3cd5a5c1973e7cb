// Convolutions of any shape on software adapters whose subgroups are SIMD registers of
// any width. Channels are padded to multiples of four first.

import { MAX_LOOP_TRIPS } from "../../../../gpu/limits.ts";
import type { Target } from "../../../../gpu/device.ts";
import type { Dispatch } from "../../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../../graph/graph.ts";
import { f32 } from "../../../../graph/tensor.ts";
import { kernel } from "../../../kernel.ts";
import { vectorAccess } from "../../../vectors.ts";
import type { ConvAlgorithm, Convolution } from "../../algorithm.ts";
import {
  PaddedChannels,
  paddedChannels,
  vec4Count,
} from "../../padded_channels.ts";
import type { BoundEpilogue } from "../../epilogue.ts";
import { convFlops, convLabel, type ConvProblem } from "../../problem.ts";
import { sumOfParts } from "../../sum_of_parts.ts";
import type { KernelCall, Product } from "../gemm_kernels.ts";
import { simdCost, simdLanes } from "./target.ts";

/** Billions of operations per second on llvmpipe, at least; and of images. */
const GFLOPS = 40;
const IMAGE_GFLOPS = 12;

/** Neighboring pixels that a lane owns. */
const PIXELS = 4;

/** Any shape, in SIMD lanes. */
export const simd: ConvAlgorithm = {
  name: "simd",
  supports: ({ target }) => simdLanes(target) > 0,

  cost({ problem, target }) {
    const gflops = problem.C < 4 ? IMAGE_GFLOPS : GFLOPS;
    return simdCost(problem, { target, gflops });
  },

  lower: {
    "forward": forward,
    "input gradient": inputGradient,
    "weight gradient": weightGradient,
  },
};

/** Dispatches for y from x and w, and what its epilogue adds. */
function forward(
  io: Lowering,
  { problem, epilogue }: Convolution,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q } = problem;
  const padded = new PaddedChannels(io);
  const shapes = { x: [N, H, W, C], w: [R, S, C, K], y: [N, P, Q, K] };
  const { reads, flags } = padded.bind(io.inputs, shapes, epilogue);
  const y = padded.cut(io.outputs[0]!, { shape: shapes.y, axes: [3] });
  const product = { phases: 1, transposed: 0, out_H: P, out_W: Q } as const;
  return padded.around({
    label: `conv2d ${convLabel(problem)}`,
    reads,
    writes: [y],
    flops: convFlops(problem),
    ...simdCall(io, { ...problem, ...product }, flags),
  });
}

/** Dispatches for dx from dy, w with channels swapped, and what follows. */
function inputGradient(
  io: Lowering,
  { problem, epilogue }: Convolution,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride } = problem;
  const padded = new PaddedChannels(io);
  const shapes = { x: [N, P, Q, K], w: [R, S, K, C], y: [N, H, W, C] };
  const { reads, flags } = padded.bind(io.inputs, shapes, epilogue);
  const dx = padded.cut(io.outputs[0]!, { shape: shapes.y, axes: [3] });
  // Pixels of one phase: those that every stride-th tap of an output reaches.
  const phase = { P: Math.ceil(H / stride), Q: Math.ceil(W / stride) };
  const swapped = { ...problem, H: P, W: Q, C: K, K: C, stride: 1, ...phase };
  const product = {
    phases: stride,
    transposed: 1,
    out_H: H,
    out_W: W,
  } as const;
  return padded.around({
    label: `conv2d input gradient ${convLabel(problem)}`,
    reads,
    writes: [dx],
    flops: convFlops(problem),
    ...simdCall(io, { ...swapped, ...product }, flags),
  });
}

/** The kernel of a forward pass or an input gradient, its arguments and its grid. */
function simdCall(
  target: Target,
  { N, C, K, P, Q, phases, ...sizes }: Product,
  flags: BoundEpilogue["flags"],
): KernelCall {
  const rowGroups = Math.ceil(Q / PIXELS);
  const groups = N * P * rowGroups;
  const lanes = simdLanes(target);
  const columns = columnsOf(K, lanes);
  return {
    // It takes seconds to compile: flags are arguments, so that layers share it.
    kernel: kernel("conv_simd", {
      constants: { LANES: lanes, PIXELS, COLUMNS: columns },
      ...vectorAccess(target),
    }),
    arguments: {
      ...sizes,
      C4: vec4Count(C),
      K4: vec4Count(K),
      P,
      Q,
      row_groups: rowGroups,
      groups,
      phases,
      ...flags,
    },
    workgroups: [
      Math.ceil(groups / lanes),
      Math.ceil(paddedChannels(K) / columns),
      phases * phases,
    ],
  };
}

/**
 * Filters of a lane: more share each load of x, but few filters waste them. The lanes
 * load those of four channels together, at least one vector each.
 */
function columnsOf(K: number, lanes: number): 16 | 32 {
  if (lanes < 8) return 16;
  return K > 16 || lanes > 16 ? 32 : 16;
}

/** How a weight gradient is cut into tiles; see conv_simd_weight_gradient.wgsl. */
interface GradientTile {
  /** Lanes that share a row, of those of the subgroup. */
  readonly LANES: number;
  readonly SUBGROUP: number;
  readonly VEC4S: number;
  readonly TAPS: number;
  readonly UNROLLED: number;
}

function gradientTile({ C, S }: ConvProblem, subgroup: number): GradientTile {
  const tile = S === 3 ? { VEC4S: 4, TAPS: 3 } : { VEC4S: 8, TAPS: 1 };
  const own = { SUBGROUP: subgroup, ...tile, UNROLLED: 2 };
  if (C <= 4 && S === 3) return { LANES: 1, ...own };
  // As many lanes as there are vectors of channels: a power of two, four at least.
  const vectors = 2 ** Math.ceil(Math.log2(Math.ceil(C / 4)));
  return { LANES: Math.min(Math.max(vectors, 4), subgroup), ...own };
}

/** Workgroups of a weight gradient to aim at. */
const GRADIENT_GROUPS = 24;

/** Dispatches for dw from x and dy. */
function weightGradient(
  io: Lowering,
  { problem }: Convolution,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride, padding } = problem;
  const padded = new PaddedChannels(io);
  const x = padded.pad(io.inputs[0]!, { shape: [N, H, W, C], axes: [3] });
  const dy = padded.pad(io.inputs[1]!, { shape: [N, P, Q, K], axes: [3] });
  const dw = padded.cut(io.outputs[0]!, { shape: [R, S, C, K], axes: [2, 3] });
  const tile = gradientTile(problem, simdLanes(io));
  const [C4, K4] = [vec4Count(C), vec4Count(K)];
  const channelBlocks = Math.ceil(C4 / tile.LANES);
  const tapGroups = S / tile.TAPS;
  const blocks = R * tapGroups * channelBlocks * Math.ceil(K4 / tile.VEC4S);
  const { splits, parts, ...rows } = rowsPerSplit(problem, { tile, blocks });
  const weights = R * S * paddedChannels(C) * paddedChannels(K);
  const partial = io.scratch(f32([parts, weights]));
  const sizes = { H, W, C4, K4, P, Q, R, S, padding };
  const kept = { STRIDE: stride, KEPT: Math.max(0, tile.TAPS - stride) };
  return padded.around({
    label: `conv2d weight gradient ${convLabel(problem)}`,
    kernel: kernel("conv_simd_weight_gradient", {
      constants: { ...tile, ...kept },
      ...vectorAccess(io),
    }),
    reads: [x, dy],
    writes: [partial],
    arguments: {
      ...sizes,
      ...rows,
      channel_blocks: channelBlocks,
      tap_groups: tapGroups,
    },
    workgroups: [splits, blocks, 1],
    flops: convFlops(problem),
  }, sumOfParts(partial, dw, { parts, weights }));
}

/** How the rows of dy are split between workgroups, each of which makes some parts. */
function rowsPerSplit(
  { N, P, Q }: ConvProblem,
  { tile, blocks }: { readonly tile: GradientTile; readonly blocks: number },
) {
  const rows = N * P;
  const sides = tile.SUBGROUP / tile.LANES;
  const wanted = Math.ceil(rows / Math.ceil(GRADIENT_GROUPS / blocks));
  const allowed = sides *
    Math.floor(MAX_LOOP_TRIPS / (1 + Math.ceil(Q / tile.UNROLLED)));
  const rowsPerPart = Math.max(
    sides,
    Math.min(Math.ceil(wanted / sides) * sides, allowed),
  );
  const splits = Math.ceil(rows / rowsPerPart);
  return { splits, parts: splits * sides, rows, rows_per_part: rowsPerPart };
}
