// The target of the algorithms in this folder: software adapters whose subgroups are SIMD
// registers, with few threads to keep busy. Registers have four lanes (NEON, SSE), eight
// (AVX) or sixteen (AVX-512). `simd` fills any of them. The others take eight lanes, and
// leave the rest of wider registers idle.

import type { Target } from "../../../../gpu/device.ts";
import type { ConvProblem } from "../../problem.ts";
import { softwareCost } from "../../algorithm.ts";

/** Lanes of the algorithms that do not take any number. */
const LANES = 8;

/** Lanes that `simd` can be compiled for. */
const WIDTHS: readonly number[] = [4, 8, 16, 32];

/** Workgroups to aim at, so that two threads end at about the same time. */
export const WORKGROUPS = 32;

/** The lanes of a software adapter; 0 where they are of no use. */
export function simdLanes({ adapterClass, subgroupSize = 0 }: Target): number {
  return adapterClass === "software" && WIDTHS.includes(subgroupSize)
    ? subgroupSize
    : 0;
}

/** Whether subgroups have the eight lanes that most of these kernels need. */
export function hasSimdLanes(target: Target): boolean {
  return simdLanes(target) >= LANES;
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
