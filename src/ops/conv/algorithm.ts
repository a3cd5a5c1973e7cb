// A convolution algorithm is one object: the problems that it supports, what it costs,
// and the operations or dispatches that compute a pass. `algorithms/mod.ts` lists them.
//
// Costs are computed from a problem, and compared only between algorithms of one class of
// adapters. On a GPU, a pass takes the time of its multiply-adds, at the fraction of the
// peak that tiled products reach, plus the time of its traffic: Winograd's method trades
// the former for the latter. The constants are typical of GPUs, and those of no GPU in
// particular. On a software adapter loads cost more than arithmetic, and an algorithm
// takes the time that it needed per multiply-add on Mesa's llvmpipe.

import type { Target } from "../../gpu/device.ts";
import type { Dispatch } from "../../gpu/program.ts";
import type { Expansion, Lowering, Storage } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Epilogue } from "./epilogue.ts";
import { type ConvPass, type ConvProblem, multiplyAddsOf } from "./problem.ts";

/** A pass of a convolution on a target. */
export interface ConvRequest {
  readonly pass: ConvPass;
  readonly problem: ConvProblem;
  readonly target: Target;
  /** Whether inputs are `f16`. */
  readonly half?: boolean;
}

/** A convolution to compute: its sizes and its epilogue. */
export interface Convolution {
  readonly problem: ConvProblem;
  readonly epilogue: Epilogue;
}

/** The operations in place of a pass. */
export type ExpandPass = (
  io: Expansion,
  convolution: Convolution,
) => readonly Tensor[];

/** The dispatches of a pass. */
export type LowerPass = (
  io: Lowering,
  convolution: Convolution,
) => Dispatch<Storage>[];

/**
 * A way to compute convolutions. A pass that has an entry in neither `expand` nor
 * `lower` is not supported. Inputs are x and w forward, dy and w with channels swapped
 * for an input gradient, both followed by what the epilogue adds, and x and dy for a
 * weight gradient.
 */
export interface ConvAlgorithm {
  /** A unique name, such as `winograd 4 64`. */
  readonly name: string;
  /** Set where inputs may be `f16`. */
  readonly half?: true;
  /** Whether it supports a problem, for a pass that it has an entry for. */
  supports(request: ConvRequest): boolean;
  /** How long a supported pass takes; Infinity where it is not worth considering. */
  cost(request: ConvRequest): number;
  /** Passes that are replaced by other operations. */
  readonly expand?: Readonly<Partial<Record<ConvPass, ExpandPass>>>;
  /** Passes that are lowered to dispatches. */
  readonly lower?: Readonly<Partial<Record<ConvPass, LowerPass>>>;
  /** Variants with other tiles or scratch space, which only a measurement chooses. */
  readonly variants?: readonly ConvAlgorithm[];
}

/** Multiply-adds at a GPU's peak, in the time of moving a byte, and of a dispatch. */
const PER_BYTE = 15;
const PER_DISPATCH = 5e7;

/** Share of the peak that products in tiles reach. */
const SHARE = 0.6;

/** The work of a pass on a GPU. */
export interface GpuWork {
  readonly multiplyAdds: number;
  /** Numbers of four bytes that are read or written. */
  readonly values: number;
  readonly dispatches: number;
}

/** The cost of a pass on a GPU, in multiply-adds at its peak. */
export function gpuCost({ multiplyAdds, values, dispatches }: GpuWork): number {
  return multiplyAdds / SHARE + 4 * values * PER_BYTE +
    dispatches * PER_DISPATCH;
}

/** The cost on a GPU of one product that reads and writes each value once. */
export function gpuProductCost(problem: ConvProblem): number {
  const { N, H, W, C, K, R, S, P, Q } = problem;
  return gpuCost({
    multiplyAdds: multiplyAddsOf(problem),
    values: N * H * W * C + N * P * Q * K + R * S * C * K,
    dispatches: 1,
  });
}

/** The cost on a software adapter, from billions of operations per second. */
export function softwareCost(problem: ConvProblem, gflops: number): number {
  return multiplyAddsOf(problem) / gflops;
}
