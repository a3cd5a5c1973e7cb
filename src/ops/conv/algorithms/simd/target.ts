// The target of the algorithms in this folder: software adapters whose subgroups are SIMD
// registers of eight lanes, with few threads to keep busy.

import type { Target } from "../../../../gpu/device.ts";
import type { ConvProblem } from "../../problem.ts";
import { softwareCost } from "../../algorithm.ts";

/** Lanes of a subgroup. */
export const LANES = 8;

/** Workgroups to aim at, so that two threads end at about the same time. */
export const WORKGROUPS = 32;

/** Whether subgroups are as these kernels need them. */
export function hasSimdLanes({ subgroupSize }: Target): boolean {
  return subgroupSize === LANES;
}

/** The cost on software adapters; a GPU has faster algorithms. */
export function simdCost(
  problem: ConvProblem,
  { target, gflops }: { readonly target: Target; readonly gflops: number },
): number {
  return target.adapterClass === "software"
    ? softwareCost(problem, gflops)
    : Infinity;
}
