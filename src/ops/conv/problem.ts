// The sizes of one convolution, named as in the kernels, and what all its forms do
// alike with them.

import type { Storage } from "../../graph/graph.ts";

/** Input (N, H, W, C), weight (R, S, C, K), output (N, P, Q, K). */
export interface ConvProblem {
  readonly N: number;
  readonly H: number;
  readonly W: number;
  readonly C: number;
  readonly K: number;
  readonly R: number;
  readonly S: number;
  readonly P: number;
  readonly Q: number;
  readonly stride: number;
  readonly padding: number;
}

/** The three passes of a convolution. */
export type ConvPass = "forward" | "input gradient" | "weight gradient";

/**
 * What is fused behind a convolution: which inputs follow x and w, and a ReLU. Behind
 * an input gradient, `residual` is another cotangent of the same input, and `mask` the
 * input itself where it is a ReLU's output: both together are the ReLU's cotangent.
 */
export interface Epilogue {
  readonly shift?: boolean;
  readonly residual?: boolean;
  readonly mask?: boolean;
  readonly relu?: boolean;
}

/** Floating-point operations of any of the three passes, padding counted. */
export function convFlops({ N, P, Q, K, R, S, C }: ConvProblem): number {
  return 2 * N * P * Q * K * R * S * C;
}

/** Such as `3x3 16->32 /2 at 32x32`. */
export function convLabel({ R, S, C, K, H, W, stride }: ConvProblem): string {
  return `${R}x${S} ${C}->${K}${stride > 1 ? ` /${stride}` : ""} at ${H}x${W}`;
}

/**
 * The reads and the constants of a kernel: x, w, shift, residual and mask. What the
 * epilogue lacks is bound to an operand that the kernel then does not read.
 */
export function epilogueOf(
  [x, w, ...added]: readonly Storage[],
  { shift = false, residual = false, mask = false, relu = false }: Epilogue,
): {
  reads: [Storage, Storage, Storage, Storage, Storage];
  constants: Record<"SHIFT" | "RESIDUAL" | "MASK" | "RELU", boolean>;
} {
  const next = (has: boolean, other: Storage) => has ? added.shift()! : other;
  return {
    reads: [x!, w!, next(shift, w!), next(residual, x!), next(mask, x!)],
    constants: { SHIFT: shift, RESIDUAL: residual, MASK: mask, RELU: relu },
  };
}
