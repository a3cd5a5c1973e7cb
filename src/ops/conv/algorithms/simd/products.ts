// Products of many matrices for software adapters whose subgroups are SIMD registers
// of eight lanes, with channels and filters in multiples of 32.

import type { Target } from "../../../../gpu/device.ts";
import type { Dispatch } from "../../../../gpu/program.ts";
import type { Storage } from "../../../../graph/graph.ts";
import type { Matrices } from "../implicit_gemm.ts";
import { kernel } from "../../../kernel.ts";
import { vectorAccess } from "../../../vectors.ts";

/** Filters of a workgroup, and what channels come in multiples of. */
const FILTERS = 32;

/** Workgroups to aim at, so that two threads end at about the same time. */
const GROUPS = 32;

/** Whether a target has this form, and a shape fits it. */
export function isLanesProducts(
  { adapterClass, subgroupSize }: Target,
  { C, K }: Pick<Matrices, "C" | "K">,
): boolean {
  return adapterClass === "software" && subgroupSize === 8 &&
    C % FILTERS === 0 && K % FILTERS === 0;
}

/** y = x w of many matrices: (rows, C) x (C, K) = (rows, K). */
export function lanesProducts(
  target: Target,
  [x, w, y]: readonly [Storage, Storage, Storage],
  { matrices, rows, C, K }: Matrices,
): Pick<
  Dispatch<Storage>,
  "kernel" | "reads" | "writes" | "arguments" | "workgroups"
> {
  const parts = Math.ceil(GROUPS / (matrices * K / FILTERS));
  const rowsPerGroup = Math.ceil(rows / parts);
  return {
    reads: [x, w],
    writes: [y],
    kernel: kernel("conv2d_lanes_products", {
      constants: { CHANNELS: C % 64 === 0 ? 64 : 32 },
      ...vectorAccess(target),
    }),
    arguments: { C, K, rows, rows_per_group: rowsPerGroup },
    workgroups: [Math.ceil(rows / rowsPerGroup), K / FILTERS, matrices],
  };
}
