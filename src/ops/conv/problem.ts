// The sizes of one convolution, named as in the kernels, and its three passes.

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

/** Multiply-adds of any of the three passes, padding counted. */
export function multiplyAddsOf(
  { N, P, Q, K, R, S, C }: ConvProblem,
): number {
  return N * P * Q * K * R * S * C;
}

/** Floating-point operations of any of the three passes, padding counted. */
export function convFlops(problem: ConvProblem): number {
  return 2 * multiplyAddsOf(problem);
}

/** Such as `3x3 16->32 /2 at 32x32`. */
export function convLabel({ R, S, C, K, H, W, stride }: ConvProblem): string {
  return `${R}x${S} ${C}->${K}${stride > 1 ? ` /${stride}` : ""} at ${H}x${W}`;
}

/** A pass of a problem in words, equal for all batch sizes. */
export function problemKey(pass: ConvPass, problem: ConvProblem): string {
  return `${pass} ${convLabel(problem)}`;
}

/** The key in `Target.tuned`, equal for all batch sizes; `f16` is measured apart. */
export function choiceKey(
  { pass, problem, half = false }: {
    readonly pass: ConvPass;
    readonly problem: ConvProblem;
    readonly half?: boolean;
  },
): string {
  return `${problemKey(pass, problem)}${half ? " f16" : ""}`;
}
