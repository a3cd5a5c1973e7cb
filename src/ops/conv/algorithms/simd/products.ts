// Products of many matrices for software adapters whose subgroups are SIMD registers
// of eight lanes, with channels and filters in multiples of 32.

import type { Target } from "../../../../gpu/device.ts";
import type { Storage } from "../../../../graph/graph.ts";
import { kernel } from "../../../kernel.ts";
import { vectorAccess } from "../../../vectors.ts";
import type { BoundCall, Matrices } from "../gemm_kernels.ts";
import { hasSimdLanes, WORKGROUPS } from "./target.ts";

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
  { matrices, rows, C, K }: Matrices,
): BoundCall {
  const parts = Math.ceil(WORKGROUPS / (matrices * K / FILTERS));
  const rowsPerGroup = Math.ceil(rows / parts);
  return {
    reads: [x, w],
    writes: [y],
    kernel: kernel("conv_simd_products", {
      constants: { CHANNELS: C % 64 === 0 ? 64 : 32 },
      ...vectorAccess(target),
    }),
    arguments: { C, K, rows, rows_per_group: rowsPerGroup },
    workgroups: [Math.ceil(rows / rowsPerGroup), K / FILTERS, matrices],
  };
}
