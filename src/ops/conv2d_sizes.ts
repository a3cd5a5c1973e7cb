// The sizes of one convolution, named as in the kernels.

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

/** Floating-point operations of any of the three passes, padding counted. */
export function convFlops({ N, P, Q, K, R, S, C }: ConvSizes): number {
  return 2 * N * P * Q * K * R * S * C;
}

/** Such as `3x3 16->32 /2 at 32x32`. */
export function convLabel({ R, S, C, K, H, W, stride }: ConvSizes): string {
  return `${R}x${S} ${C}->${K}${stride > 1 ? ` /${stride}` : ""} at ${H}x${W}`;
}
