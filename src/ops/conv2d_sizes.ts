// The sizes of one convolution, named as in the kernels, and what all its forms do
// alike with them.

import type { Storage } from "../graph/graph.ts";

/** Input (N, H, W, C), weight (R, S, C, K), output (N, P, Q, K). */
export interface ConvSizes {
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

/** What is fused behind a convolution: which inputs follow x and w, and a ReLU. */
export interface Epilogue {
  readonly shift: boolean;
  readonly residual: boolean;
  readonly relu: boolean;
}

/** Floating-point operations of any of the three passes, padding counted. */
export function convFlops({ N, P, Q, K, R, S, C }: ConvSizes): number {
  return 2 * N * P * Q * K * R * S * C;
}

/** Such as `3x3 16->32 /2 at 32x32`. */
export function convLabel({ R, S, C, K, H, W, stride }: ConvSizes): string {
  return `${R}x${S} ${C}->${K}${stride > 1 ? ` /${stride}` : ""} at ${H}x${W}`;
}

/**
 * The four reads and the constants of a forward kernel. What the epilogue lacks is
 * bound to an operand that the kernel then does not read.
 */
export function epilogueOf(
  [x, w, ...added]: readonly Storage[],
  { shift, residual, relu }: Epilogue,
): {
  reads: [Storage, Storage, Storage, Storage];
  constants: Record<string, boolean>;
} {
  return {
    reads: [x!, w!, shift ? added[0]! : w!, residual ? added.at(-1)! : x!],
    constants: { SHIFT: shift, RESIDUAL: residual, RELU: relu },
  };
}
