// The epilogue of a convolution, which is fused into its kernel:
//
//   y = mask(relu(x * w + shift + residual))
//
// Every kernel has the same four flags and up to five bindings. The flags are
// constants; kernels that take seconds to compile have them as arguments instead, so
// that all layers share one pipeline.

import type { Storage } from "../../graph/graph.ts";

/**
 * The inputs of an epilogue, and whether it ends in a ReLU. After an input gradient,
 * `residual` is another cotangent of the same input, and `mask` the input itself if it is
 * the output of a ReLU: the result is then the cotangent of the ReLU's input.
 */
export interface Epilogue {
  /** A number per filter, (K), is added. */
  readonly shift?: boolean;
  /** A value of the output's shape is added. */
  readonly residual?: boolean;
  /** The output is 0 where a value of its shape is not positive. */
  readonly mask?: boolean;
  /** The output is limited below by 0. */
  readonly relu?: boolean;
}

/** The bindings and flags of a kernel with an epilogue. */
export interface BoundEpilogue {
  /** x, w, shift, residual and mask. */
  readonly reads: readonly [Storage, Storage, Storage, Storage, Storage];
  /** The flags as constants. */
  readonly constants: Readonly<
    Record<"SHIFT" | "RESIDUAL" | "MASK" | "RELU", boolean>
  >;
  /** The flags as arguments, 0 or 1. */
  readonly flags: Readonly<
    Record<"has_shift" | "has_residual" | "has_mask" | "has_relu", 0 | 1>
  >;
}

/**
 * Binds the inputs x, w and those that the epilogue adds, in the order shift, residual,
 * mask. For absent ones w or x is bound again, which the kernel does not read.
 */
export function bindEpilogue(
  [x, w, ...added]: readonly Storage[],
  { shift = false, residual = false, mask = false, relu = false }: Epilogue,
): BoundEpilogue {
  const next = (has: boolean, other: Storage) => has ? added.shift()! : other;
  const flag = (has: boolean) => has ? 1 : 0;
  return {
    reads: [x!, w!, next(shift, w!), next(residual, x!), next(mask, x!)],
    constants: { SHIFT: shift, RESIDUAL: residual, MASK: mask, RELU: relu },
    flags: {
      has_shift: flag(shift),
      has_residual: flag(residual),
      has_mask: flag(mask),
      has_relu: flag(relu),
    },
  };
}
