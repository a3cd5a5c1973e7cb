// Products of matrices on software adapters whose subgroups are SIMD registers of eight
// lanes, with channels and filters in multiples of 32: those of Winograd's method, many at
// a time, and convolutions with filters of 1x1, whose pixels are rows.

import type { Target } from "../../../../gpu/device.ts";
import type { Storage } from "../../../../graph/graph.ts";
import { kernel } from "../../../kernel.ts";
import { vectorAccess } from "../../../vectors.ts";
import type { ConvAlgorithm, LowerPass } from "../../algorithm.ts";
import { bindEpilogue, type BoundEpilogue } from "../../epilogue.ts";
import { convFlops, convLabel, type ConvPass } from "../../problem.ts";
import type { BoundCall, Matrices } from "../gemm_kernels.ts";
import { hasSimdLanes, simdCost, WORKGROUPS } from "./target.ts";

/** Filters of a workgroup, and what channels come in multiples of. */
const FILTERS = 32;

/** Whether a target multiplies so, and channels and filters fit. */
export function supportsSimdProducts(
  target: Target,
  { C, K }: Pick<Matrices, "C" | "K">,
): boolean {
  return target.adapterClass === "software" && hasSimdLanes(target) &&
    C % FILTERS === 0 && K % FILTERS === 0;
}

/** y = x w of many matrices: (rows, C) x (C, K) = (rows, K). */
export function simdProducts(
  target: Target,
  [x, w, y]: readonly [Storage, Storage, Storage],
  matrices: Matrices,
): BoundCall {
  const channels = matrices.C % 64 === 0 ? 64 : 32;
  const operands = { ...bindEpilogue([x, w], {}), y };
  return productsCall(target, { operands, ...matrices, channels });
}

/** The kernel of products, and what an epilogue makes of them. */
function productsCall(
  target: Target,
  { operands: { reads, constants, y }, matrices, rows, C, K, channels }:
    & Matrices
    & {
      readonly operands: BoundEpilogue & { readonly y: Storage };
      /** Channels whose weights a workgroup keeps at a time. */
      readonly channels: number;
    },
): BoundCall {
  const parts = Math.ceil(WORKGROUPS / (matrices * K / FILTERS));
  const rowsPerGroup = Math.ceil(rows / parts);
  return {
    reads,
    writes: [y],
    kernel: kernel("conv_simd_products", {
      constants: { CHANNELS: channels, ...constants },
      ...vectorAccess(target),
    }),
    arguments: { C, K, rows, rows_per_group: rowsPerGroup },
    workgroups: [Math.ceil(rows / rowsPerGroup), K / FILTERS, matrices],
  };
}

/** Channels whose weights are kept for filters of 1x1: what they come in multiples of. */
const CHANNELS = 128;

/** Billions of operations per second on llvmpipe. */
const GFLOPS = 70;

/** Filters of 1x1 with stride 1, many channels to many. */
export const simdPointwise: ConvAlgorithm = {
  name: "simdPointwise",

  supports({ pass, problem, target }) {
    const { R, S, C, K, stride, padding } = problem;
    const [channels, filters] = pass === "forward" ? [C, K] : [K, C];
    return hasSimdLanes(target) && R === 1 && S === 1 && stride === 1 &&
      padding === 0 && channels % CHANNELS === 0 && filters % FILTERS === 0;
  },

  cost: ({ problem, target }) => simdCost(problem, { target, gflops: GFLOPS }),
  lower: {
    "forward": pointwise("forward"),
    "input gradient": pointwise("input gradient"),
  },
};

/** A dispatch for y from x and w, or dx from dy and swapped w, and what follows. */
function pointwise(pass: ConvPass): LowerPass {
  return (io, { problem, epilogue }) => {
    const { N, H, W, C, K } = problem;
    const sizes = pass === "forward" ? { C, K } : { C: K, K: C };
    const name = pass === "forward" ? "conv2d" : `conv2d ${pass}`;
    return [{
      label: `${name} ${convLabel(problem)}`,
      flops: convFlops(problem),
      ...productsCall(io, {
        operands: { ...bindEpilogue(io.inputs, epilogue), y: io.outputs[0]! },
        matrices: 1,
        rows: N * H * W,
        ...sizes,
        channels: CHANNELS,
      }),
    }];
  };
}
