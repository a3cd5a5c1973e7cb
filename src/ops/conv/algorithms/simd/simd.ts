// Convolution kernels for software adapters whose subgroups are SIMD registers of
// eight lanes. Channels are brought to multiples of four first, where they are not.

import type { Dispatch } from "../../../../gpu/program.ts";
import type { Lowering, Storage } from "../../../../graph/graph.ts";
import { f32 } from "../../../../graph/tensor.ts";
import { sumOfParts } from "../direct.ts";
import { Fours, quads } from "../../padded_channels.ts";
import {
  convFlops,
  convLabel,
  type ConvProblem,
  type Epilogue,
  epilogueOf,
} from "../../problem.ts";
import { kernel } from "../../../kernel.ts";
import { vectorAccess } from "../../../vectors.ts";

/** Lanes of a subgroup, and neighboring pixels that one of them owns. */
const LANES = 8;
const PIXELS = 4;

/** Dispatches for y from x and w, and what its epilogue adds. */
export function lanesForward(
  io: Lowering,
  sizes: ConvProblem,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride, padding } = sizes;
  const { reads, constants } = epilogueOf(io.inputs, epilogue);
  const fours = new Fours(io);
  const shapes = { x: [N, H, W, C], w: [R, S, C, K], y: [N, P, Q, K] };
  const bound = fours.reads(reads, shapes, epilogue);
  const y = fours.into(io.outputs[0]!, [N, P, Q, K], [3]);
  const rowGroups = Math.ceil(Q / PIXELS);
  const columns = columnsFor(K);
  return fours.around({
    label: `conv2d ${convLabel(sizes)}`,
    kernel: kernel("conv2d_lanes", {
      constants: { ...constants, PIXELS, COLUMNS: columns },
      ...vectorAccess(io),
    }),
    reads: bound,
    writes: [y],
    arguments: {
      ...{ H, W, C4: quads(C), K4: quads(K), P, Q, R, S, stride, padding },
      ...{ row_groups: rowGroups, groups: N * P * rowGroups },
      ...{ phases: 1, transposed: 0, out_H: P, out_W: Q },
    },
    workgroups: [
      Math.ceil(N * P * rowGroups / LANES),
      Math.ceil(quads(K) * 4 / columns),
      1,
    ],
    flops: convFlops(sizes),
  });
}

/** Dispatches for dx from dy, w with channels swapped, and what follows. */
export function lanesInputGradient(
  io: Lowering,
  sizes: ConvProblem,
  epilogue: Epilogue,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride, padding } = sizes;
  const { reads, constants } = epilogueOf(io.inputs, epilogue);
  const fours = new Fours(io);
  const shapes = { x: [N, P, Q, K], w: [R, S, K, C], y: [N, H, W, C] };
  const bound = fours.reads(reads, shapes, epilogue);
  const dx = fours.into(io.outputs[0]!, [N, H, W, C], [3]);
  // Pixels of one phase: those that every stride-th tap of an output reaches.
  const [rows, pixels] = [Math.ceil(H / stride), Math.ceil(W / stride)];
  const rowGroups = Math.ceil(pixels / PIXELS);
  const columns = columnsFor(C);
  return fours.around({
    label: `conv2d input gradient ${convLabel(sizes)}`,
    kernel: kernel("conv2d_lanes", {
      constants: { ...constants, PIXELS, COLUMNS: columns },
      ...vectorAccess(io),
    }),
    reads: bound,
    writes: [dx],
    arguments: {
      ...{
        H: P,
        W: Q,
        C4: quads(K),
        K4: quads(C),
        P: rows,
        Q: pixels,
        R,
        S,
        padding,
      },
      ...{ row_groups: rowGroups, groups: N * rows * rowGroups },
      ...{ stride: 1, phases: stride, transposed: 1, out_H: H, out_W: W },
    },
    workgroups: [
      Math.ceil(N * rows * rowGroups / LANES),
      Math.ceil(quads(C) * 4 / columns),
      stride * stride,
    ],
    flops: convFlops(sizes),
  });
}

/** How a weight gradient is cut into tiles; see conv2d_lanes_weight_gradient.wgsl. */
interface GradientTile {
  readonly LANES: 1 | 4 | 8;
  readonly QUADS: number;
  readonly TAPS: number;
  readonly UNROLLED: number;
}

function gradientTile({ C, S }: ConvProblem): GradientTile {
  if (C <= 4 && S === 3) return { LANES: 1, QUADS: 4, TAPS: 3, UNROLLED: 2 };
  const LANES = C > 16 ? 8 : 4;
  return S === 3
    ? { LANES, QUADS: 4, TAPS: 3, UNROLLED: 2 }
    : { LANES, QUADS: 8, TAPS: 1, UNROLLED: 2 };
}

/** Workgroups to aim at, so that two threads end at about the same time. */
const GRADIENT_GROUPS = 24;

/** Most loop trips of one invocation; some drivers stop at 65,536. */
const MAX_TRIPS = 50_000;

/** Dispatches for dw from x and dy. */
export function lanesWeightGradient(
  io: Lowering,
  sizes: ConvProblem,
): Dispatch<Storage>[] {
  const { N, H, W, C, K, R, S, P, Q, stride, padding } = sizes;
  const [x, dy] = io.inputs;
  const fours = new Fours(io);
  const reads = [
    fours.from(x!, [N, H, W, C], [3]),
    fours.from(dy!, [N, P, Q, K], [3]),
  ];
  const dw = fours.into(io.outputs[0]!, [R, S, C, K], [2, 3]);
  const tile = gradientTile(sizes);
  const sides = LANES / tile.LANES;
  const channelBlocks = Math.ceil(quads(C) / tile.LANES);
  const tapGroups = S / tile.TAPS;
  const blocks = R * tapGroups * channelBlocks *
    Math.ceil(quads(K) / tile.QUADS);
  const rows = N * P;
  const wanted = Math.ceil(rows / Math.ceil(GRADIENT_GROUPS / blocks));
  const allowed = sides *
    Math.floor(MAX_TRIPS / (1 + Math.ceil(Q / tile.UNROLLED)));
  const rowsPerPart = Math.max(
    sides,
    Math.min(Math.ceil(wanted / sides) * sides, allowed),
  );
  const splits = Math.ceil(rows / rowsPerPart);
  const weights = R * S * quads(C) * 4 * quads(K) * 4;
  const partial = io.scratch(f32([splits * sides, weights]));
  return fours.around({
    label: `conv2d weight gradient ${convLabel(sizes)}`,
    kernel: kernel("conv2d_lanes_weight_gradient", {
      constants: {
        ...tile,
        STRIDE: stride,
        KEPT: Math.max(0, tile.TAPS - stride),
      },
      ...vectorAccess(io),
    }),
    reads,
    writes: [partial],
    arguments: {
      ...{ H, W, C4: quads(C), K4: quads(K), P, Q, R, S, padding },
      ...{ rows, rows_per_part: rowsPerPart },
      ...{ channel_blocks: channelBlocks, tap_groups: tapGroups },
    },
    workgroups: [splits, blocks, 1],
    flops: convFlops(sizes),
  }, sumOfParts(partial, dw, { parts: splits * sides, weights }));
}

/** Filters that a lane owns: more share each load of x, but few filters waste them. */
function columnsFor(filters: number): 16 | 32 {
  return filters > 16 ? 32 : 16;
}
